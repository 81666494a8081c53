//! Who calls.

use std::{fmt, net::IpAddr, sync::Arc};

/// Separates the digests of credentials from all other uses of the hash function.
const CREDENTIAL_CONTEXT: &str = "prompt-guard 2026-11-24 caller credential";

/// Who calls: the unit of rate limits and the owner of sessions.
///
/// It may be a person's name, so `Debug` hides it; stores see only a keyed hash of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CallerId(Arc<str>);

impl CallerId {
    /// Names a caller.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Tells callers apart by the best that a request says of them: the user id that the application names, under the
    /// credential it names it with; else the credential, else the address.
    ///
    /// The user id is believed, but only among those who send the same credential: who has another one cannot pass for
    /// that user, and so does not get at the user's sessions.
    ///
    /// - The user id is that of `x-user-id`. An empty one counts as none.
    /// - The credential is the value of the first header that may carry one; a `Bearer` in front does not matter. Only its
    ///   digest is kept.
    /// - The address is that of the peer. All of an IPv6 network of 64 bits is one caller, since one host has them all.
    ///
    /// The three cannot be mistaken for one another. Without any of them the caller is `anonymous`.
    pub fn from_parts(
        user_id: Option<&str>,
        credential: Option<&[u8]>,
        address: Option<IpAddr>,
    ) -> Self {
        let user_id = user_id.map(str::trim).filter(|id| !id.is_empty());
        let credential = credential.map(without_scheme).filter(|key| !key.is_empty());
        let name = match (user_id, credential, address) {
            (Some(id), Some(key), _) => format!("key:{}/user:{id}", digest(key)),
            (Some(id), None, _) => format!("user:{id}"),
            (None, Some(key), _) => format!("key:{}", digest(key)),
            (None, None, Some(address)) => named(network(address)),
            (None, None, None) => "anonymous".to_owned(),
        };
        Self::new(name)
    }

    /// The name itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallerId(…)")
    }
}

fn without_scheme(credential: &[u8]) -> &[u8] {
    let credential = credential.trim_ascii();
    let mut words = credential.splitn(2, u8::is_ascii_whitespace);
    match (words.next(), words.next()) {
        (Some(scheme), key) if scheme.eq_ignore_ascii_case(b"bearer") => {
            key.unwrap_or_default().trim_ascii()
        }
        _ => credential,
    }
}

fn digest(credential: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CREDENTIAL_CONTEXT);
    hasher.update(credential);
    hasher.finalize().to_hex().to_string()
}

/// Written by hand for the addresses of most callers: nearly every request has one.
fn named(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return format!("address:{address}") };
    let mut name = String::with_capacity("address:255.255.255.255".len());
    name.push_str("address");
    for (nth, octet) in address.octets().into_iter().enumerate() {
        name.push(if nth == 0 { ':' } else { '.' });
        let digits = [octet / 100, octet / 10 % 10, octet % 10];
        let leading = usize::from(octet < 10) + usize::from(octet < 100);
        name.extend(digits.iter().skip(leading).map(|digit| char::from(b'0' + digit)));
    }
    name
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(user_id: Option<&str>, credential: Option<&str>, address: Option<&str>) -> String {
        let address = address.map(|text| text.parse().unwrap());
        CallerId::from_parts(user_id, credential.map(str::as_bytes), address).expose().to_owned()
    }

    #[test]
    fn the_user_id_counts_under_its_credential_and_that_before_the_address() {
        assert!(named(Some("u-1"), Some("Bearer k"), None).ends_with("/user:u-1"));
        assert_eq!(named(Some("u-1"), None, Some("192.0.2.1")), "user:u-1");
        assert!(named(None, Some("Bearer k"), Some("192.0.2.1")).starts_with("key:"));
        assert_eq!(named(None, None, Some("192.0.2.1")), "address:192.0.2.1");
        assert_eq!(named(None, None, None), "anonymous");
    }

    #[test]
    fn an_address_is_written_as_everybody_writes_it() {
        for address in ["0.9.10.99", "100.255.7.0", "2001:db8:1:2::"] {
            assert_eq!(super::named(address.parse().unwrap()), format!("address:{address}"));
        }
    }

    #[test]
    fn what_is_empty_counts_as_not_given() {
        assert_eq!(named(Some(" "), Some("Bearer "), Some("192.0.2.1")), "address:192.0.2.1");
    }

    #[test]
    fn a_credential_is_the_same_with_and_without_its_scheme() {
        assert_eq!(named(None, Some("bearer  key-1"), None), named(None, Some("key-1"), None));
        assert_ne!(named(None, Some("key-2"), None), named(None, Some("key-1"), None));
    }

    #[test]
    fn a_credential_is_never_kept_in_clear() {
        assert!(!named(None, Some("Bearer invented-key"), None).contains("invented-key"));
    }

    #[test]
    fn a_user_of_one_credential_is_not_that_of_another() {
        let own = named(Some("ann"), Some("key-1"), None);
        assert_ne!(named(Some("ann"), Some("key-2"), None), own);
        assert_ne!(named(Some("ann"), None, None), own);
    }

    #[test]
    fn a_user_cannot_pass_for_a_credential() {
        let key = named(None, Some("key-1"), None);
        assert_ne!(named(Some(&key), None, None), key);
    }

    #[test]
    fn a_host_cannot_multiply_itself_by_its_ipv6_addresses() {
        assert_eq!(
            named(None, None, Some("2001:db8:1:2::7")),
            named(None, None, Some("2001:db8:1:2:ffff::9"))
        );
        assert_ne!(
            named(None, None, Some("2001:db8:1:2::7")),
            named(None, None, Some("2001:db8:1:3::7"))
        );
        assert_eq!(named(None, None, Some("::ffff:192.0.2.1")), "address:192.0.2.1");
    }
}
