//! How long a service asks to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{
    HeaderMap,
    header::{DATE, RETRY_AFTER},
};

/// When a limit of calls is lifted: a draft standard's name, and the one in use.
const RATE_LIMIT_RESET: [&str; 2] = ["ratelimit-reset", "x-ratelimit-reset"];

/// How long to wait by the headers of a refusal; `None` if they do not say.
///
/// `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). The
/// headers of rate limits count only if that is why the call was refused; they
/// hold seconds from now, or a time in seconds or milliseconds since 1970,
/// which their size tells apart. Times are compared with the service's own
/// `Date`, so that a wrong clock here does not matter.
pub(super) fn read(headers: &HeaderMap, limited: bool, wall: SystemTime) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let now = service_time(headers).unwrap_or(wall);
    let until = |time: SystemTime| time.duration_since(now).unwrap_or_default();
    if let Some(value) = text(RETRY_AFTER.as_str()) {
        let wait = seconds(value).or_else(|| date(value).map(until));
        if wait.is_some() {
            return wait;
        }
    }
    if !limited {
        return None;
    }
    let reset = RATE_LIMIT_RESET.into_iter().find_map(|name| seconds(text(name)?))?;
    Some(match reset.as_secs() {
        0..1_000_000_000 => reset,
        1_000_000_000..100_000_000_000 => until(UNIX_EPOCH + reset),
        milliseconds => until(UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))?),
    })
}

/// The time of day by the service's clock.
pub(super) fn service_time(headers: &HeaderMap) -> Option<SystemTime> {
    date(headers.get(DATE)?.to_str().ok()?.trim())
}

fn date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text).ok()
}

/// A number of seconds, fractions and exponents included. One that no duration
/// can hold is the longest duration.
fn seconds(text: &str) -> Option<Duration> {
    // Rust also reads `inf` and `nan`.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::read;

    /// Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110's example).
    const NOW: u64 = 784_111_777;

    fn wait(headers: &[(&'static str, &'static str)], limited: bool) -> Option<Duration> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        read(&headers, limited, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    fn secs(seconds: f64) -> Option<Duration> {
        Some(Duration::from_secs_f64(seconds))
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (value, expected) in [
            ("7", secs(7.0)),
            (" 0 ", secs(0.0)),
            ("1.5", secs(1.5)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", secs(10.0)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", secs(10.0)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", secs(0.0)),
            ("-1", None),
            ("", None),
            ("soon", None),
            ("inf", None),
            ("NaN", None),
            ("1e3", secs(1000.0)),
            ("1 minute", None),
            // More than a duration holds: whoever waits has a limit.
            ("18446744073709551616", Some(Duration::MAX)),
            ("1e99", Some(Duration::MAX)),
            ("1e999", Some(Duration::MAX)),
            ("99999999999999999999999999", Some(Duration::MAX)),
        ] {
            assert_eq!(wait(&[("retry-after", value)], false), expected, "{value}");
        }
    }

    #[test]
    fn the_services_own_clock_counts() {
        // The service is 3 h ahead of this machine; both of its dates are.
        let headers = [
            ("date", "Sun, 06 Nov 1994 11:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 11:49:42 GMT"),
        ];
        assert_eq!(wait(&headers, false), secs(5.0));
    }

    #[test]
    fn rate_limit_resets_are_read_in_all_three_forms() {
        for (value, expected) in [
            ("12", secs(12.0)),
            ("1784111787", secs(1_000_000_010.0)),
            ("784111787", secs(784_111_787.0)),
            ("1784111787000", secs(1_000_000_010.0)),
        ] {
            assert_eq!(wait(&[("x-ratelimit-reset", value)], true), expected, "{value}");
            assert_eq!(wait(&[("ratelimit-reset", value)], true), expected, "{value}");
            assert_eq!(wait(&[("x-ratelimit-reset", value)], false), None, "{value}");
        }
        let both = [("retry-after", "3"), ("x-ratelimit-reset", "12")];
        assert_eq!(wait(&both, true), secs(3.0));
    }

    #[test]
    fn no_headers_say_nothing() {
        assert_eq!(read(&HeaderMap::new(), true, SystemTime::now()), None);
    }
}
