//! Changes the description of an API key that others may be changing as well.
//!
//! ```sh
//! IBMCLOUD_API_KEY=… cargo run --example update_api_key -- ApiKey-… "for the nightly build"
//! ```

use std::{env, error::Error};

use iam_client::{Client, read_modify_write};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (Some(id), Some(text)) = (env::args().nth(1), env::args().nth(2)) else {
        return Err("usage: update_api_key ID DESCRIPTION".into());
    };
    let identity = Client::from_env()?.identity();
    let key = read_modify_write(
        5,
        || identity.get_api_key(&id).send(),
        async |key| identity.update_api_key(&id, key.etag()?).description(&text).send().await,
    )
    .await?;
    println!("{}: {}", key.name, key.description.as_deref().unwrap_or_default());
    Ok(())
}
