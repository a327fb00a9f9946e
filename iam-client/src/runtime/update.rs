//! Changing what others may change as well.

use super::Error;

/// Reads a thing and writes it changed; reads it again and repeats if someone
/// else has changed it in between.
///
/// `read` gives the thing, `write` makes the change from what was read and
/// sends it with the entity tag of the reading. If that ends in a
/// [conflict](Error::is_conflict), both are done again, at once and at most
/// `attempts` times in all (0 counts as 1).
///
/// Both may be async closures, as long as they change nothing that they
/// capture; closures that return a future may.
///
/// ```no_run
/// # #[cfg(feature = "identity")]
/// # async fn run(iam: iam_client::Client, id: &str) -> Result<(), iam_client::Error> {
/// let identity = iam.identity();
/// let key = iam_client::read_modify_write(
///     5,
///     || identity.get_api_key(id).send(),
///     async |key| {
///         let text = format!("{}, rotated", key.description.as_deref().unwrap_or("A key"));
///         identity.update_api_key(id, key.etag()?).description(text).send().await
///     },
/// )
/// .await?;
/// println!("now {:?}", key.description);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Whatever `read` fails with; whatever `write` fails with, unless it is a
/// conflict and attempts are left.
// Not `AsyncFnMut`: its futures cannot be shown to be `Send`, so that no caller
// could spawn this one.
pub async fn read_modify_write<T, U, R, W>(
    attempts: u32,
    mut read: impl FnMut() -> R,
    mut write: impl FnMut(T) -> W,
) -> Result<U, Error>
where
    R: Future<Output = Result<T, Error>>,
    W: Future<Output = Result<U, Error>>,
{
    let mut left = attempts;
    loop {
        left = left.saturating_sub(1);
        match write(read().await?).await {
            Err(error) if error.is_conflict() && left > 0 => {}
            outcome => return outcome,
        }
    }
}
