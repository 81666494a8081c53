//! Certificates of one test.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use std::{fs, path::Path};

/// A certificate authority that nobody trusts unless told to.
pub(crate) struct Authority {
    /// Its own certificate, as a file of roots holds it.
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
    names: Vec<String>,
}

/// A certificate and its key.
pub(crate) struct Pair {
    pub(crate) certificate: rcgen::Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    /// Which certifies these names and addresses.
    pub(crate) fn over(names: &[&str]) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Issuer and subject must differ, or a certificate passes for one that signed itself.
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        let own_key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&own_key).unwrap().pem();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Self { pem, issuer: Issuer::new(params, own_key), names }
    }

    /// A certificate for its names, for either side of a connection.
    pub(crate) fn pair(&self) -> Pair {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(self.names.clone()).unwrap();
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        Pair { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    /// Writes its own certificate as `ca.pem`, and a pair as `cert.pem` and `key.pem`.
    pub(crate) fn write(&self, folder: &Path) {
        let Pair { certificate, key } = self.pair();
        let files = [
            ("ca.pem", self.pem.clone()),
            ("cert.pem", certificate.pem()),
            ("key.pem", key.serialize_pem()),
        ];
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
}
