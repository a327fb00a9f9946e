//! Secrets in all the forms that a service can repeat them in.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};

use super::Redactor;

fn redact(secrets: &[&str], text: &str) -> String {
    let redactor = Redactor::default();
    for secret in secrets {
        redactor.hide(secret);
    }
    redactor.redact(text).into_owned()
}

/// `%XX` for every byte that `keep` does not keep.
fn percent(text: &str, lower: bool, keep: impl Fn(u8) -> bool) -> String {
    let encode = |byte: u8| match byte {
        byte if keep(byte) => char::from(byte).to_string(),
        byte if lower => format!("%{byte:02x}"),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

const SECRET: &str = "p+s/w\"o\\r\n%d é😀=";

#[test]
fn each_form_is_hidden_and_the_text_around_it_kept() {
    let json = serde_json::to_string(SECRET).unwrap();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap();
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric();
    let forms = [
        SECRET.to_owned(),
        json.to_owned(),
        json.replace('/', "\\/").replace('é', "\\u00e9").replace('😀', "\\ud83d\\ude00"),
        json.replace('é', "\\u00E9").replace('😀', "\\uD83D\\uDE00"),
        percent(SECRET, false, is_unreserved),
        percent(SECRET, true, is_unreserved),
        percent(SECRET, true, |byte| is_unreserved(byte) || b"+/=".contains(&byte)),
        percent(SECRET, false, |byte| is_unreserved(byte) || byte == b' ').replace(' ', "+"),
    ];
    for form in forms {
        let text = format!("key ({form}) is 100% wrong, C:\\new + \\u00 %zz %ff");
        let expected = "key (***) is 100% wrong, C:\\new + \\u00 %zz %ff";
        assert_eq!(redact(&[SECRET], &text), expected, "{form}");
    }
}

/// Whatever precedes and follows the secret in the encoded text, none of the
/// characters that hold its bits is left.
#[test]
fn base64_is_hidden_at_every_offset() {
    for secret in [SECRET, "12345", "123456", "0123456789abcdef", "~~~???>>>~~~"] {
        for before in ["", "u", "me", "me:", "user:", "client-id:"] {
            for after in ["", "!", "!!", "!!!"] {
                let plain = format!("{before}{secret}{after}");
                for (engine, name) in [
                    (&STANDARD, "standard"),
                    (&STANDARD_NO_PAD, "standard without padding"),
                    (&URL_SAFE, "url"),
                    (&URL_SAFE_NO_PAD, "url without padding"),
                ] {
                    let code = engine.encode(&plain);
                    let shown = redact(&[secret], &format!("Basic {code} refused"));
                    assert!(shown.starts_with("Basic ") && shown.ends_with(" refused"), "{shown}");
                    let (head, tail) = shown.split_once("***").expect(name);
                    // Characters of whole bytes before the secret, and after it.
                    let head = head.strip_prefix("Basic ").unwrap();
                    assert!(head.len() <= before.len() * 8 / 6, "{name} {plain} {shown}");
                    let tail = tail.strip_suffix(" refused").unwrap().trim_end_matches('=');
                    assert!(tail.len() <= (after.len() * 8).div_ceil(6), "{name} {plain} {shown}");
                }
            }
        }
    }
}

#[test]
fn a_short_secret_is_hidden_as_a_word_only() {
    for (secret, text, expected) in [
        ("a", "a key of an account: 'a'", "*** key of an account: '***'"),
        ("key", "the key of monkeys: key=key", "the *** of monkeys: ***=***"),
        ("1234", "pin 1234 is not 12345", "pin *** is not 12345"),
        ("hunter2", "hunter2 hunter22", "*** hunter22"),
        // MTIzNA==
        ("1234", "pin MTIzNA== refused", "pin ***== refused"),
        ("12345678", "x12345678x", "x***x"),
    ] {
        assert_eq!(redact(&[secret], text), expected);
    }
}

#[test]
fn secrets_that_overlap_leave_nothing() {
    assert_eq!(redact(&["abcdefgh", "abcdefghijkl"], "<abcdefghijkl>"), "<***>");
    assert_eq!(redact(&["abcdefgh", "efghijkl"], "<abcdefghijkl>"), "<***>");
    assert_eq!(redact(&["abcdefgh"], "<abcdefghabcdefgh>"), "<***>");
    assert_eq!(redact(&["", "abcdefgh"], "abcdefgh"), "***");
    assert_eq!(redact(&[""], "nothing"), "nothing");
}

/// A cut does not let half of one through.
#[test]
fn it_is_hidden_before_the_text_is_cut_or_escaped() {
    let redactor = Redactor::default();
    redactor.hide("line\nsecret");
    let text = format!("{} line\nsecret", "x".repeat(10));
    assert_eq!(redactor.clean(&text, 16).unwrap(), "xxxxxxxxxx ***");
    assert_eq!(redactor.clean(&text, 12).unwrap(), "xxxxxxxxxx *…");
    assert_eq!(redactor.clean(" line\nsecret ", 16).unwrap(), "***");
    redactor.hide(" spaces ");
    assert_eq!(redactor.clean(" spaces ", 16).unwrap(), "***");
}
