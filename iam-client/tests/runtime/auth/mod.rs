//! Authenticators, exchanges and the token cache.
//!
//! - `support`: a clock that tests set, and a token endpoint
//! - `cache`: one exchange for all, and who waits for it
//! - `renewal`: tokens that grow old, are refused, or cannot be renewed
//! - `exchanges`: what each authenticator sends, and what it makes of answers
//! - `metadata`: VPC instances
//! - `settings`: what authenticators can be built with
//! - `leaks`: where credentials may go, and where they must not be seen

mod cache;
mod exchanges;
mod leaks;
mod metadata;
mod renewal;
mod settings;
mod support;
