//! Whom this process trusts, and what it shows, when it opens a TLS connection. Knows nothing of what is sent over one.
//!
//! Errors are sentences without a subject of their own: whoever reads the setting names it.

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};

/// A certificate with those that lead to a root, and its key.
pub type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// The configuration of a client.
///
/// # Errors
/// If the certificate and the key of the pair do not belong together.
pub fn client(roots: RootCertStore, pair: Option<Pair>) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots);
    match pair {
        None => Ok(builder.with_no_client_auth()),
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the client certificate cannot be used: {error}")),
    }
}

/// The roots of a PEM file; the system's if none is named, which takes milliseconds.
///
/// # Errors
/// If the file cannot be read or holds none, or if the system has none.
pub fn roots(file: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let Some(path) = file else {
        // Stores often hold a few certificates that are too old to parse; the others are enough.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(
                "the system has no trusted certificates; install ca-certificates or name a PEM \
                 file here"
                    .into(),
            );
        }
        return Ok(roots);
    };
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| format!("{} cannot be trusted: {error}", path.display()))?;
    }
    Ok(roots)
}

/// A client certificate and its key, from PEM files.
///
/// # Errors
/// If only one is given, or one cannot be read.
pub fn pair(certificate: Option<&Path>, key: Option<&Path>) -> Result<Option<Pair>, String> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let read = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("{} holds no key: {error}", key.display()))?;
            Ok(Some((certificates(certificate)?, read)))
        }
        (Some(_), None) | (None, Some(_)) => {
            Err("a client certificate and its key are given together or not at all".to_owned())
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let shown = path.display();
    let read = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("{shown} cannot be read: {error}"))?;
    if read.is_empty() {
        return Err(format!("{shown} holds no certificate; expected PEM (BEGIN CERTIFICATE)"));
    }
    Ok(read)
}
