//! Entity tags, and what each was recorded for: a 304 is believed only where
//! the tag cannot stand for anything else.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Address;
use crate::files::hex;

/// Longer tags are not kept.
const MAX_LENGTH: usize = 200;

/// The files that a conditional request depends on: the content of
/// the vendored file, and of the overlays that the document was taken in with.
#[derive(Debug, Clone)]
pub(crate) struct Basis(Sha256);

impl Basis {
    /// The basis of `overlays`, in their order.
    pub(crate) fn of_overlays<'a>(overlays: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut basis = Self(Sha256::new());
        overlays.into_iter().for_each(|overlay| basis.add(overlay));
        basis
    }

    /// The basis of these overlays and `file`.
    pub(crate) fn with_file(mut self, file: &[u8]) -> Self {
        self.add(file);
        self
    }

    fn add(&mut self, part: &[u8]) {
        // With its length, so that no two lists of parts give the same hash.
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }
}

/// The entity tag of a 200, sealed to what it is valid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tag {
    etag: String,
    /// SHA-256 of the tag, the address asked, the address that replied, the
    /// overlays and the file. An edit of any of them breaks the seal.
    seal: String,
}

impl Tag {
    /// The tag `etag` that `replied` gave with the file of `basis` when `asked`
    /// was asked. `None` if no later request may depend on it: a weak tag does
    /// not tell two versions of one second apart, and the query of an address
    /// is not recorded, not even as a hash.
    pub(super) fn seal(
        etag: &str,
        asked: &Address,
        replied: &Address,
        basis: &Basis,
    ) -> Option<Self> {
        let opaque = etag.strip_prefix('"')?.strip_suffix('"')?;
        let usable = !opaque.is_empty() && !opaque.contains('"') && etag.len() <= MAX_LENGTH;
        if !usable || [asked, replied].iter().any(|address| address.url().query().is_some()) {
            return None;
        }
        let mut sealed = basis.clone();
        for part in [etag, asked.url().as_str(), replied.url().as_str()] {
            sealed.add(part.as_bytes());
        }
        Some(Self { etag: etag.to_owned(), seal: hex(&sealed.0.finalize()) })
    }

    /// The tag, if it was recorded for exactly this.
    pub(super) fn valid_for(
        &self,
        asked: &Address,
        replied: &Address,
        basis: &Basis,
    ) -> Option<&str> {
        let valid = Self::seal(&self.etag, asked, replied, basis).is_some_and(|tag| tag == *self);
        valid.then_some(self.etag.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Basis, Tag};

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn basis(overlays: &[&str], file: &str) -> Basis {
        Basis::of_overlays(overlays.iter().map(|text| text.as_bytes())).with_file(file.as_bytes())
    }

    #[test]
    fn a_tag_is_valid_for_what_it_was_sealed_to_and_nothing_else() {
        let [a, b] = ["https://a.example/x", "https://b.example/x"].map(address);
        let recorded = basis(&["o", "p"], "file");
        let tag = Tag::seal("\"1\"", &a, &b, &recorded).unwrap();
        assert_eq!(tag.valid_for(&a, &b, &recorded), Some("\"1\""));
        assert_eq!(tag.valid_for(&a, &a, &recorded), None);
        assert_eq!(tag.valid_for(&b, &b, &recorded), None);
        for other in [
            basis(&["o", "p"], "file2"),
            basis(&["p", "o"], "file"),
            basis(&["op"], "file"),
            basis(&["o"], "pfile"),
        ] {
            assert_eq!(tag.valid_for(&a, &b, &other), None);
        }
        let edited = Tag { etag: "\"2\"".to_owned(), ..tag };
        assert_eq!(edited.valid_for(&a, &b, &recorded), None);
    }

    #[test]
    fn only_strong_tags_of_addresses_without_query_are_kept() {
        let (a, recorded) = (address("https://a.example/x"), basis(&[], ""));
        for etag in ["W/\"1\"", "*", "1", "\"\"", "\"", "\"1\", \"2\"", "", "\"1"] {
            assert_eq!(Tag::seal(etag, &a, &a, &recorded), None, "{etag}");
        }
        assert_eq!(Tag::seal(&format!("\"{}\"", "x".repeat(200)), &a, &a, &recorded), None);
        let signed = address("https://a.example/x?signature=1");
        assert_eq!(Tag::seal("\"1\"", &signed, &a, &recorded), None);
        assert_eq!(Tag::seal("\"1\"", &a, &signed, &recorded), None);
    }
}
