//! Calls as a trusted profile, says whom IAM takes the caller for, and what a
//! refusal would take to be none.
//!
//! ```sh
//! cargo run --example whoami -- API_KEY_FILE Profile-… ACCOUNT_ID
//! ```

use std::{env, error::Error, fs, process::ExitCode};

use iam_client::{
    Caller, Client,
    auth::{ApiKey, TrustedProfile},
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [file, profile, account] = arguments.as_slice() else {
        eprintln!("usage: whoami API_KEY_FILE PROFILE_ID ACCOUNT_ID");
        return ExitCode::from(2);
    };
    match run(file, profile, account).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(file: &str, profile: &str, account: &str) -> Result<(), Box<dyn Error>> {
    let key = ApiKey::new(fs::read_to_string(file)?.trim()).build()?;
    let caller = TrustedProfile::by_id(profile, key).build()?;
    let iam = Client::builder().authenticator(caller).user_agent("whoami/1.0").build()?;

    let authorization = iam.authorization().await?;
    if let Some(caller) = authorization.token().and_then(Caller::of) {
        println!("{caller}");
    }
    match iam.identity().create_service_id(account, "made by an example").send().await {
        Ok(service_id) => println!("may create service IDs: {}", service_id.id),
        Err(error) => match error.permission_hint() {
            Some(hint) => println!("may not create service IDs: {hint}"),
            None => return Err(error.into()),
        },
    }
    Ok(())
}
