//! TLS for servers of tests.

use std::sync::Arc;

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, pem::PemObject as _},
    },
};

/// A certificate for `localhost`, in PEM, and what accepts connections with it.
/// `protocol` is the one that the server speaks, by its name in TLS.
pub(crate) fn identity(protocol: Option<&str>) -> (String, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from_pem_slice(made.signing_key.serialize_pem().as_bytes());
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.unwrap())
        .unwrap();
    config.alpn_protocols.extend(protocol.map(|name| name.as_bytes().to_vec()));
    (made.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// A certificate to trust.
pub(crate) fn trusted(certificate: &str) -> reqwest::Certificate {
    reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap()
}
