//! Changes the description of an API key that others may be changing as well.
//!
//! ```sh
//! IBMCLOUD_API_KEY=… cargo run --example describe_api_key -- ApiKey-… "for the nightly build"
//! ```

use std::{env, error::Error as _, process::ExitCode};

use iam_client::{Client, Error, read_modify_write};

#[tokio::main]
async fn main() -> ExitCode {
    let (Some(id), Some(text)) = (env::args().nth(1), env::args().nth(2)) else {
        eprintln!("usage: describe_api_key ID TEXT");
        return ExitCode::from(2);
    };
    let Err(error) = describe(&id, &text).await else { return ExitCode::SUCCESS };
    eprintln!("{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  caused by: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

async fn describe(id: &str, text: &str) -> Result<(), Error> {
    let identity = Client::from_env()?.identity();
    let key = read_modify_write(
        5,
        || identity.get_api_key(id).send(),
        async |key| identity.update_api_key(id, key.etag()?).description(text).send().await,
    )
    .await?;
    println!("{}: {}", key.name, key.description.as_deref().unwrap_or_default());
    Ok(())
}
