//! Where a page of a list begins, and how to read it off the page before.

use std::{convert::Infallible, fmt, str::FromStr};

use reqwest::Url;
use serde::{Deserialize, Serialize};

/// Where a page of a list begins, to go on from there later.
///
/// Opaque: what it holds is the service's affair, and so is how long it is
/// valid. `Display` and [`FromStr`] keep it as text, serde as a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(String);

impl PageToken {
    /// A token of the value of a parameter. For generated code.
    #[doc(hidden)]
    pub fn new(value: &impl ToString) -> Self {
        Self(value.to_string())
    }

    /// Sets a parameter to it. For generated code.
    ///
    /// # Errors
    ///
    /// If the parameter is a number and this is none.
    #[doc(hidden)]
    pub fn set<T: FromStr>(&self, parameter: &mut Option<T>) -> Started {
        match self.0.parse() {
            Ok(value) => {
                *parameter = Some(value);
                Ok(())
            }
            Err(_) => Err("the page token is not a number, as it must be here".to_owned()),
        }
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for PageToken {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// Whether a request could be made to begin at a token; else why not.
#[doc(hidden)]
pub type Started = Result<(), String>;

/// The token of the next page, if there is one; else what is wrong with the
/// page, without its content.
#[doc(hidden)]
pub type NextPage = Result<Option<PageToken>, String>;

/// The next page where the page has its token. For generated code.
///
/// # Errors
///
/// None; as the others.
#[doc(hidden)]
pub fn next_token(token: Option<&str>) -> NextPage {
    Ok(token.filter(|token| !token.is_empty()).map(|token| PageToken(token.to_owned())))
}

/// The next page where the page has a URL with the token in its query, under
/// the name `query`. For generated code.
///
/// The URL may be absolute or relative. It is never requested: its host, and
/// so who would be sent the caller's access token, is for the service to write
/// and not for the caller to trust.
///
/// # Errors
///
/// If there is a URL that cannot be read or has no such token.
#[doc(hidden)]
pub fn next_in_url(url: Option<&str>, query: &str) -> NextPage {
    let Some(url) = url.filter(|url| !url.is_empty()) else { return Ok(None) };
    // What a relative URL is relative to does not matter to its query.
    let base = Url::parse("http://localhost/");
    let Ok(url) = base.and_then(|base| base.join(url)) else {
        return Err("the address of the next page is not a URL".to_owned());
    };
    let token = url.query_pairs().find(|(name, value)| name == query && !value.is_empty());
    match token {
        // It stands for bytes that are no text, which would come back changed.
        Some((_, value)) if value.contains('\u{fffd}') => {
            Err(format!("`{query}` in the address of the next page is not UTF-8"))
        }
        Some((_, value)) => Ok(Some(PageToken(value.into_owned()))),
        None => Err(format!("the address of the next page has no `{query}`")),
    }
}

/// The next page where pages begin at a number: `offset` is that of this page,
/// 0 if not set, `count` how many items it has, `total` how many there are on
/// all pages, if the page tells. For generated code.
///
/// # Errors
///
/// If a number is negative.
#[doc(hidden)]
pub fn next_offset(
    offset: Option<impl TryInto<u64>>,
    count: usize,
    total: Option<impl TryInto<u64>>,
) -> NextPage {
    let number =
        |number: Result<u64, ()>, what| number.map_err(|()| format!("the {what} is negative"));
    let offset = match offset {
        Some(offset) => number(offset.try_into().map_err(drop), "offset")?,
        None => 0,
    };
    let next = offset.saturating_add(count as u64);
    if let Some(total) = total
        && next >= number(total.try_into().map_err(drop), "count of all items")?
    {
        return Ok(None);
    }
    Ok((count > 0).then(|| PageToken(next.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> NextPage {
        Ok(Some(PageToken(text.to_owned())))
    }

    #[test]
    fn a_missing_or_empty_token_ends() {
        assert_eq!(next_token(Some("a b")), token("a b"));
        for none in [None, Some("")] {
            assert_eq!(next_token(none), Ok(None));
            assert_eq!(next_in_url(none, "t"), Ok(None));
        }
    }

    #[test]
    fn the_query_of_a_url_is_decoded_once() {
        for (url, expected) in [
            ("https://iam.example/v1/keys?size=2&t=a%2Bb%252Fc", "a+b%2Fc"),
            ("/v1/keys?t=1#t=2", "1"),
            ("?t=%C3%A4&t=2", "ä"),
            ("keys?%74=x+y", "x y"),
            ("//other.example?t==", "="),
        ] {
            assert_eq!(next_in_url(Some(url), "t"), token(expected), "{url}");
        }
    }

    #[test]
    fn a_url_without_the_token_is_an_error_that_does_not_quote_it() {
        for url in ["/v1/keys", "/v1/keys?T=s3cret", "?t=&s3cret", "#t=s3cret", "/s3cret?t"] {
            let problem = "the address of the next page has no `t`";
            assert_eq!(next_in_url(Some(url), "t"), Err(problem.to_owned()), "{url}");
        }
        let problem = "the address of the next page is not a URL";
        assert_eq!(next_in_url(Some("http://[s3cret"), "t"), Err(problem.to_owned()));
        let problem = "`t` in the address of the next page is not UTF-8";
        assert_eq!(next_in_url(Some("?t=%FF"), "t"), Err(problem.to_owned()));
    }

    #[test]
    fn an_offset_moves_by_what_came_until_all_have_come() {
        assert_eq!(next_offset(None::<i64>, 2, Some(5)), token("2"));
        assert_eq!(next_offset(Some(2), 2, Some(5)), token("4"));
        // A short page does not end a list.
        assert_eq!(next_offset(Some(2), 1, Some(5)), token("3"));
        for (offset, count, total) in
            [(4, 1, Some(5)), (4, 9, Some(5)), (2, 0, Some(5)), (2, 0, None)]
        {
            assert_eq!(
                next_offset(Some(offset), count, total),
                Ok(None),
                "{offset} {count} {total:?}"
            );
        }
        assert_eq!(next_offset(Some(0), 3, None::<i64>), token("3"));
        assert_eq!(
            next_offset(Some(0), 1, Some(-1)),
            Err("the count of all items is negative".to_owned())
        );
        assert_eq!(next_offset(Some(-1), 1, Some(9)), Err("the offset is negative".to_owned()));
    }

    #[test]
    fn a_token_is_kept_as_text_and_read_as_a_number_where_it_must_be_one() {
        let kept: PageToken = "10".parse().unwrap();
        assert_eq!(kept.to_string(), "10");
        assert_eq!(serde_json::to_string(&kept).unwrap(), "\"10\"");
        assert_eq!(serde_json::from_str::<PageToken>("\"10\"").unwrap(), kept);
        assert_eq!(PageToken::new(&10_i64), kept);
        let mut number = Some(0_i64);
        assert_eq!(kept.set(&mut number), Ok(()));
        assert_eq!(number, Some(10));
        assert!(
            PageToken("s3cret".to_owned()).set(&mut number).is_err_and(|e| !e.contains("s3cret"))
        );
        assert_eq!(number, Some(10));
    }
}
