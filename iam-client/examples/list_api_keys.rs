//! Lists all API keys of an account, page after page.
//!
//! ```sh
//! IBMCLOUD_API_KEY=… cargo run --example list_api_keys -- ACCOUNT_ID
//! ```

use std::{env, error::Error};

use iam_client::{Client, identity::types::ListApiKeysScope};

// An error that `main` returns is printed with its causes.
#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let account = env::args().nth(1).ok_or("usage: list_api_keys ACCOUNT_ID")?;
    let iam = Client::from_env()?;
    // Without a scope, IAM lists only the keys of the caller.
    let keys = iam.identity().list_api_keys().account_id(account).scope(ListApiKeysScope::Account);
    // The next page is fetched while this one is printed.
    let mut keys = keys.items().prefetch();
    while let Some(key) = keys.try_next().await? {
        println!("{} {}", key.id, key.name);
    }
    Ok(())
}
