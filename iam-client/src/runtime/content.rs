//! Compressed responses.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};

/// Decompresses a body of gzip, of which `limit` bytes are allowed, and takes
/// the headers that no longer hold out of `headers`. `None` if it is not compressed,
/// or in another way.
///
/// # Errors
///
/// Why it cannot be decompressed.
pub(super) fn decompress(
    headers: &mut HeaderMap,
    body: &[u8],
    limit: usize,
) -> Result<Option<Bytes>, String> {
    let Some(coding) = headers.get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok()) else {
        return Ok(None);
    };
    let is = |name: &str| coding.trim().eq_ignore_ascii_case(name);
    // A response without content can have the header.
    let decompressed = if body.is_empty() || is("identity") {
        None
    } else if is("gzip") || is("x-gzip") {
        Some(gunzip(body, limit)?)
    } else {
        return Ok(None);
    };
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    Ok(decompressed)
}

fn gunzip(body: &[u8], limit: usize) -> Result<Bytes, String> {
    // One byte more tells a body of just the limit from a longer one.
    let bound = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut decompressed = Vec::new();
    if MultiGzDecoder::new(body).take(bound).read_to_end(&mut decompressed).is_err() {
        return Err("it is not valid gzip".to_owned());
    }
    if decompressed.len() > limit {
        return Err(format!("it is larger than {limit} bytes (max_response_bytes)"));
    }
    Ok(decompressed.into())
}
