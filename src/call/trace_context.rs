//! W3C trace context: the form of `traceparent`.

/// True for a `traceparent` as of W3C Trace Context level 1: `00-{32 hex}-{16 hex}-{2 hex}`, in lower case, with ids
/// that are not all zeros. Versions to come may append fields; version `ff` is none.
pub fn is_traceparent(text: &str) -> bool {
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next(), parts.next(), parts.next(), parts.next());
    let version_ok = version.is_some_and(|v| is_hex(v, 2) && v != "ff");
    let more = parts.next().is_some();
    version_ok
        && trace.is_some_and(|id| is_hex(id, 32) && !is_zero(id))
        && span.is_some_and(|id| is_hex(id, 16) && !is_zero(id))
        && flags.is_some_and(|flags| is_hex(flags, 2))
        && (!more || version != Some("00"))
        && text.len() <= 256
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|b| b == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for good in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later",
        ] {
            assert!(is_traceparent(good), "{good}");
        }
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        ] {
            assert!(!is_traceparent(bad), "{bad}");
        }
    }
}
