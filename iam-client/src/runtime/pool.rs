//! Connections, and which calls may share them.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{Response, Url, Version, redirect::Policy};
use tokio::runtime::Handle;

use super::{Error, context, proxy};

/// An HTTP/2 connection that has been silent for so long is sent a PING, also
/// while it is idle…
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// … and closed if nothing has come back after this time.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Most addresses of connections that are remembered.
const MAX_ANSWERED: usize = 4096;

/// The settings of connections.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) connect_timeout: Duration,
    pub(super) pool_idle_timeout: Duration,
    pub(super) proxy: Option<reqwest::Proxy>,
    pub(super) root_certificates: Vec<reqwest::Certificate>,
    pub(super) accept_invalid_certificates: bool,
}

impl Own {
    /// A client for `http` (`plain`) or for `https`.
    fn client(&self, plain: bool) -> Result<reqwest::Client, Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.pool_idle_timeout)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .redirect(Policy::none())
            // `RetryPolicy` alone decides.
            .retry(reqwest::retry::never())
            .tls_danger_accept_invalid_certs(self.accept_invalid_certificates);
        if self.pool_idle_timeout.is_zero() {
            builder = builder.pool_max_idle_per_host(0);
        }
        for certificate in &self.root_certificates {
            builder = builder.add_root_certificate(certificate.clone());
        }
        builder = match &self.proxy {
            _ if plain => builder.no_proxy(),
            Some(proxy) => builder.https_only(true).proxy(proxy.clone()),
            None => {
                proxy::check(|name| std::env::var_os(name))?;
                builder.https_only(true)
            }
        };
        builder.build().map_err(|cause| {
            let problem = "cannot be set up; certificates may be missing or malformed";
            Error::configuration("http_client", problem).caused_by(cause)
        })
    }
}

/// Pools of connections, one for each tokio runtime and scheme.
///
/// A connection is driven by a task of the runtime that it was made on. It
/// would never answer a call on another runtime while its own does not run.
pub(super) struct Pools {
    own: Own,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    pools: Vec<Pool>,
    /// Number of the pool made last.
    last: u64,
}

/// A pool of connections.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) client: reqwest::Client,
    number: u64,
    plain: bool,
    /// The runtime that drives it; `None` until a runtime has used it.
    runtime: Option<Handle>,
}

impl Pools {
    pub(super) fn new(own: Own) -> Self {
        Self { own, kept: Mutex::default() }
    }

    /// The pool for requests to `url` from here, made if there is none.
    pub(super) fn get(&self, url: &Url) -> Result<Pool, Error> {
        let plain = url.scheme() == "http";
        let here = Handle::try_current().ok();
        let fits = |pool: &Pool| match (&pool.runtime, &here) {
            (Some(own), Some(here)) => own.id() == here.id(),
            _ => true,
        };
        let mut kept = self.lock();
        if let Some(pool) = kept.pools.iter_mut().find(|pool| pool.plain == plain && fits(pool)) {
            pool.runtime = pool.runtime.take().or(here);
            return Ok(pool.clone());
        }
        let client = self.own.client(plain)?;
        kept.pools.retain(|pool| !pool.runtime.as_ref().is_some_and(context::is_shut_down));
        kept.last += 1;
        let pool = Pool { client, number: kept.last, plain, runtime: here };
        kept.pools.push(pool.clone());
        Ok(pool)
    }

    /// Gives up the connections of a pool, one of which may be dead. Calls that
    /// are under way keep theirs.
    ///
    /// However many calls time out at once, the pool is replaced once.
    pub(super) fn abandon(&self, pool: &Pool) {
        // HTTP/1.1, which plain `http` is, never uses a connection again whose
        // answer has not come.
        if !pool.plain {
            self.lock().pools.retain(|kept| kept.number != pool.number);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Each change is a single one that cannot panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections over which a response has come.
#[derive(Default)]
pub(super) struct Answered(Mutex<HashSet<SocketAddr>>);

impl Answered {
    /// Takes note of a response. `true` if it is not the first of its HTTP/1.1
    /// connection, and the last.
    ///
    /// A 408 of that kind is what a proxy says when it closes an idle
    /// connection: it has not read the request that crossed it on the way.
    pub(super) fn is_farewell(&self, response: &Response) -> bool {
        use hyper_util::client::legacy::connect::HttpInfo;
        let Some(info) = response.extensions().get::<HttpInfo>() else { return false };
        if response.version() == Version::HTTP_2 {
            return false;
        }
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let values = response.headers().get_all(http::header::CONNECTION).iter();
        let closes = values.filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').any(|option| option.trim().eq_ignore_ascii_case("close"))
        });
        if closes {
            return answered.remove(&info.local_addr());
        }
        if answered.len() >= MAX_ANSWERED {
            answered.clear();
        }
        answered.insert(info.local_addr());
        false
    }
}
