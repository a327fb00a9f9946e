//! What commands that download have in common: which sources, how long to wait,
//! and the addresses of a source tried in order.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, bail};
use iam_codegen::sources::{Source, Sources};
use jiff::SignedDuration;
use tokio::runtime::Runtime;

use crate::{
    download::{Address, Answer, Basis, Bounds, Downloader, Known},
    files::{self, Fingerprint},
    lock::Entry,
    outcome::Usage,
};

/// How long to wait.
#[derive(Debug, Clone, clap::Args)]
pub struct Times {
    /// Time for a connection to be made
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub connect_timeout: Duration,
    /// Time for an address to answer in full, redirects included
    #[arg(long, value_name = "TIME", default_value = "120s", value_parser = time)]
    pub timeout: Duration,
}

fn time(text: &str) -> Result<Duration, String> {
    let time: SignedDuration =
        text.parse().map_err(|_| "write it as 10s, 1m30s or 500ms".to_owned())?;
    match Duration::try_from(time) {
        Ok(time) if !time.is_zero() => Ok(time),
        _ => Err("it must be more than nothing".to_owned()),
    }
}

/// The sources called `names`, each once; without any, all of them.
pub(crate) fn choose<'a>(sources: &'a Sources, names: &[String]) -> Result<Vec<&'a Source>> {
    let mut chosen = Vec::new();
    for name in names {
        let source = sources.list().iter().find(|source| source.name == *name);
        let Some(source) = source else {
            let known: Vec<_> = sources.list().iter().map(|source| source.name.as_str()).collect();
            let message = format!("there is no source `{name}`; there are: {}", known.join(", "));
            return Err(Usage::error(message));
        };
        if !chosen.iter().any(|other: &&Source| other.name == source.name) {
            chosen.push(source);
        }
    }
    if chosen.is_empty() {
        chosen.extend(sources.list());
    }
    Ok(chosen)
}

/// Downloads, one address at a time.
#[derive(Debug)]
pub(crate) struct Fetcher {
    runtime: Runtime,
    downloader: Downloader,
    instead: &'static str,
}

impl Fetcher {
    /// A fetcher that reads at most `bytes` of a document; with the option
    /// `instead` a document is given that cannot be fetched.
    pub(crate) fn new(times: &Times, bytes: u64, instead: &'static str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let bounds =
            Bounds { connect_timeout: times.connect_timeout, timeout: times.timeout, bytes };
        Ok(Self { runtime, downloader: Downloader::new(bounds), instead })
    }

    /// Tries the addresses in order, and gives the answer with the address it
    /// is from; what failed before that goes into `notes`. An answer ends it,
    /// whatever is in it: the next address might give an older document, and
    /// hide what is wrong.
    pub(crate) fn first(
        &mut self,
        addresses: &[String],
        known: &Known<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(Answer, String)> {
        for (index, address) in addresses.iter().enumerate() {
            let answer = Address::parse(address).and_then(|address| {
                let answer = self.runtime.block_on(self.downloader.fetch(&address, known));
                Ok((answer.with_context(|| address.to_string())?, address.to_string()))
            });
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => notes.push(format!("address {}: {error:#}", index + 1)),
            }
        }
        bail!(
            "no address gave a document; check the network and the addresses, or give a file with {}",
            self.instead
        )
    }
}

impl<'a> Known<'a> {
    /// The facts that are known of `source`: its overlays, and the file `vendored` if the
    /// lock `entry` describes it.
    ///
    /// # Errors
    /// An overlay that is missing, unreadable or malformed.
    pub(crate) fn of(
        sources: &Sources,
        source: &Source,
        vendored: Option<&'a [u8]>,
        entry: Option<&'a Entry>,
    ) -> Result<Self> {
        sources.overlays(source)?;
        let mut overlays = Vec::new();
        for file in &source.overlays {
            let path = sources.directory().join(file);
            overlays.push(fs::read(&path).with_context(|| files::cannot("read", &path))?);
        }
        let recorded = vendored.and_then(|file| {
            let entry = entry.filter(|entry| entry.describes(&Fingerprint::of(file)))?;
            Some((entry.tag.as_ref()?, file))
        });
        Ok(Self { overlays: Basis::of_overlays(overlays.iter().map(Vec::as_slice)), recorded })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::time;

    #[test]
    fn times_are_written_with_their_unit() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["10", "", "soon", "0s", "-1s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
