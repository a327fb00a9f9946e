//! `from_env` in a process that was started with an environment: this one, once
//! more, for nothing may change its own.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use iam_client::Client;

/// What the other process is started with, besides the environment in question.
const MARKER: &str = "IAM_CLIENT_TESTS_PRINT";

/// The other process: prints the endpoint of the configured client, or why
/// there is none. Otherwise nothing to do.
#[test]
fn printed() {
    if std::env::var_os(MARKER).is_some() {
        match Client::from_env() {
            Ok(client) => println!("<{}>", client.endpoint()),
            Err(error) => println!("<{error}>"),
        }
    }
}

/// What a process prints that is started in `directory`.
fn print(directory: &Path, variables: &[(&str, &str)]) -> String {
    let Output { stdout, status, .. } = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "config::process::printed", "--nocapture"])
        .current_dir(directory)
        .env_clear()
        .env(MARKER, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(status.success());
    let text = String::from_utf8(stdout).unwrap();
    let (_, text) = text.split_once('<').unwrap();
    text.split_once(">\n").unwrap().0.to_owned()
}

#[test]
fn the_process_has_variables_directories_and_files() {
    let root = std::env::temp_dir().join(format!("iam-client-{}-process", std::process::id()));
    let (here, home) = (root.join("here"), root.join("home"));
    fs::create_dir_all(&here).unwrap();
    fs::create_dir_all(&home).unwrap();
    let content =
        |host: &str| format!("IAM_IDENTITY_AUTH_TYPE=noAuth\nIAM_IDENTITY_URL=https://{host}\n");
    let home_directory = ("HOME", home.to_str().unwrap());
    let variables = [
        home_directory,
        ("IAM_IDENTITY_URL", "https://variable.example.com"),
        ("IAM_IDENTITY_AUTH_TYPE", "noAuth"),
    ];
    assert_eq!(print(&here, &variables), "https://variable.example.com");
    fs::write(home.join("ibm-credentials.env"), content("home.example.com")).unwrap();
    assert_eq!(print(&here, &variables), "https://home.example.com");
    fs::write(here.join("ibm-credentials.env"), content("here.example.com")).unwrap();
    assert_eq!(print(&here, &variables), "https://here.example.com");
    fs::write(root.join("named"), content("named.example.com")).unwrap();
    let named = |file| [home_directory, ("IBM_CREDENTIALS_FILE", file)];
    assert_eq!(print(&here, &named("../named")), "https://named.example.com");
    assert_eq!(
        print(&here, &named("../home")),
        "IBM_CREDENTIALS_FILE: the file ../home that it names is a directory; correct the name, or \
         unset it"
    );
    assert_eq!(
        print(&here, &named("../gone")),
        "IBM_CREDENTIALS_FILE: the file ../gone that it names does not exist; correct the name, or \
         unset it"
    );
    fs::remove_dir_all(root).unwrap();
}
