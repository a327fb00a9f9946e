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
        "IBM_CREDENTIALS_FILE: the file that it names (7 characters) is a directory; correct the name, or \
         unset it"
    );
    assert_eq!(
        print(&here, &named("../gone")),
        "IBM_CREDENTIALS_FILE: the file that it names (7 characters) does not exist; correct the name, or \
         unset it"
    );
    fs::remove_dir_all(root).unwrap();
}

/// Neither a pipe nor a device is opened, since reading it might never end.
#[cfg(unix)]
#[test]
fn a_credential_file_must_be_a_regular_file() {
    let root = std::env::temp_dir().join(format!("iam-client-{}-pipe", std::process::id()));
    fs::create_dir_all(&root).unwrap();
    let pipe = root.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink("pipe", root.join("link")).unwrap();
    for (file, length) in [("pipe", 4), ("link", 4), ("/dev/zero", 9), ("/dev/null", 9)] {
        assert_eq!(
            print(&root, &[("IBM_CREDENTIALS_FILE", file)]),
            format!(
                "IBM_CREDENTIALS_FILE: the file that it names ({length} characters) is not a \
                 regular file; correct the name, or unset it"
            )
        );
    }
    // A default file that is a pipe, and one of several gigabytes.
    fs::rename(&pipe, root.join("ibm-credentials.env")).unwrap();
    assert_eq!(
        print(&root, &[]),
        "./ibm-credentials.env: is not a regular file; make it readable, or remove it"
    );
    let large = fs::File::create(root.join("large")).unwrap();
    large.set_len(1 << 36).unwrap();
    assert_eq!(
        print(&root, &[("IBM_CREDENTIALS_FILE", "large")]),
        "the file that IBM_CREDENTIALS_FILE names: is larger than 1 MiB; name a credential file"
    );
    fs::remove_dir_all(root).unwrap();
}

/// The HTTP stack would connect directly.
#[test]
fn a_malformed_proxy_is_an_error() {
    let root = std::env::temp_dir();
    let print = |name, value| print(&root, &[("IAM_IDENTITY_AUTH_TYPE", "noAuth"), (name, value)]);
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"] {
        assert_eq!(
            print(name, "http://me:s3cret@"),
            format!(
                "{name} (in the environment): must be the http or https URL of a proxy, such as \
                 http://proxy.example.com:8080; correct it, or unset it"
            )
        );
        assert_eq!(print(name, "http://me:s3cret@proxy:1"), "https://iam.cloud.ibm.com");
    }
}
