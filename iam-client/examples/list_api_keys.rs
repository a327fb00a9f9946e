//! Lists the API keys of an account, page after page.
//!
//! ```sh
//! IBMCLOUD_API_KEY=… cargo run --example list_api_keys -- ACCOUNT_ID
//! ```

use std::{env, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(account) = env::args().nth(1) else {
        eprintln!("usage: list_api_keys ACCOUNT_ID");
        return ExitCode::from(2);
    };
    match list(&account).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn list(account: &str) -> Result<(), iam_client::Error> {
    let iam = iam_client::Client::from_env()?;
    // The next page is on its way while this one is printed.
    let mut keys = iam.identity().list_api_keys().account_id(account).items().prefetch();
    while let Some(key) = keys.try_next().await? {
        println!("{} {}", key.id, key.name);
    }
    Ok(())
}
