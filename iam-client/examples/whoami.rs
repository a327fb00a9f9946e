//! Prints the identity that IAM takes the caller for, and the API key that it
//! calls with. Changes nothing.
//!
//! ```sh
//! IBMCLOUD_API_KEY=… cargo run --example whoami
//! ```

use std::{env, error::Error};

use iam_client::{Caller, Client};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let iam = Client::from_env()?;
    // The claims of the access token; not verified, which is up to the services.
    let authorization = iam.authorization().await?;
    match authorization.token().and_then(Caller::of) {
        Some(caller) => println!("caller: {caller}"),
        None => println!("caller: not named by the token"),
    }
    if let Ok(secret) = env::var("IBMCLOUD_API_KEY") {
        let key = iam.identity().get_api_keys_details().iam_api_key(secret).send().await?;
        println!("API key: {} ({})", key.name, key.id);
    }
    Ok(())
}
