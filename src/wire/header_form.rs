//! Request headers that have a form of their own, and whether a value has it.
//!
//! What does not is no fault: it is guarded like any text. So a form may be narrower than its RFC, as long as what SDKs and
//! browsers send by themselves mostly fits.

use http::HeaderValue;

/// Digits in one value, dates aside, from which on it may hold the number of a card, a phone or a person.
const MANY_DIGITS: usize = 7;

/// Headers that are lists of tokens with parameters (RFC 9110, section 5.6), one token, or a date.
const TOKENS: [&str; 17] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "anthropic-version",
    "cache-control",
    "content-encoding",
    "content-type",
    "expect",
    "if-match",
    "if-none-match",
    "openai-beta",
    "pragma",
    "tracestate",
    "user-agent",
];

/// True if the header has a form of its own that leaves no room for private data, and `value` has it.
pub(super) fn fits(name: &str, value: &HeaderValue) -> bool {
    let Ok(value) = value.to_str() else { return false };
    match name {
        "content-length" => value.bytes().all(|byte| byte.is_ascii_digit()),
        // Set anew for the upstream; what the caller sent ends here.
        "host" => true,
        "if-modified-since" => httpdate::parse_http_date(value).is_ok(),
        "openai-organization" => is_id(value, "org-"),
        "openai-project" => is_id(value, "proj_"),
        "traceparent" => is_trace_parent(value),
        _ if TOKENS.contains(&name) || describes_client(name) => is_tokens(value),
        _ => false,
    }
}

/// SDKs describe themselves in `x-stainless-…`: language, version, retry count; browsers in `sec-…`.
fn describes_client(name: &str) -> bool {
    const OF_SDKS: [&str; 14] = [
        "arch",
        "async",
        "helper",
        "helper-method",
        "lang",
        "os",
        "package-version",
        "poll-helper",
        "raw-response",
        "read-timeout",
        "retry-count",
        "runtime",
        "runtime-version",
        "timeout",
    ];
    match name.strip_prefix("x-stainless-") {
        Some(what) => OF_SDKS.contains(&what),
        None => name.starts_with("sec-ch-ua") || name.starts_with("sec-fetch-"),
    }
}

fn is_id(value: &str, kind: &str) -> bool {
    value.strip_prefix(kind).is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// W3C Trace Context, section 3.2: version, trace, span and flags in hexadecimal digits.
fn is_trace_parent(value: &str) -> bool {
    let mut parts = value.split('-');
    let lengths = [2, 32, 16, 2];
    let is_hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    lengths.iter().all(|&length| parts.next().is_some_and(|part| is_hex(part, length)))
        && parts.next().is_none()
}

/// Visible ASCII without `@`, escapes, what may be text in base64, and many digits, in which no word stands behind another with only a
/// space between: `Jane Doe` does not fit, `text/html, */*;q=0.8` and `AsyncOpenAI/Python 2.0` do.
fn is_tokens(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'@' | b'%' | b'&' | b'\\'))
        && digits_outside_dates(value) < MANY_DIGITS
        && !value.split([',', ';']).any(holds_words)
        && !value.split(|c: char| !c.is_ascii_alphanumeric()).any(may_be_base64)
}

/// As long as a short address is in base64, and as mixed. Names of clients (`AsyncAnthropicBedrock`) have no digit inside.
fn may_be_base64(word: &str) -> bool {
    word.len() >= 16
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

fn holds_words(item: &str) -> bool {
    let is_word =
        |part: &&str| !part.contains('/') && part.bytes().any(|b| b.is_ascii_alphabetic());
    item.split_ascii_whitespace().filter(is_word).count() > 1
}

/// Versions of interfaces are dates: `2023-06-01`.
fn digits_outside_dates(value: &str) -> usize {
    let words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.map(|word| digits(word) - 8 * dates(word)).sum()
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// How many dates of this century `word` holds.
fn dates(word: &str) -> usize {
    // Nearly all words have none.
    if digits(word) < 8 {
        return 0;
    }
    let parts: Vec<&str> = word.split('-').collect();
    let has = |part: &str, length| part.len() == length && digits(part) == length;
    let is_date = |date: &&[&str]| match date {
        [year, month, day] => {
            has(year, 4) && year.starts_with("20") && has(month, 2) && has(day, 2)
        }
        _ => false,
    };
    parts.windows(3).filter(is_date).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &'static str, expected: bool) {
        assert_eq!(fits(name, &HeaderValue::from_static(value)), expected, "{name}: {value}");
    }

    #[test]
    fn what_sdks_send_by_themselves_has_its_form() {
        check("user-agent", "AsyncOpenAI/Python 2.0.1", true);
        check("user-agent", "Anthropic/JS 0.71.2", true);
        check("user-agent", "python-requests/2.32.3", true);
        check("anthropic-version", "2023-06-01", true);
        check("anthropic-beta", "tools-2024-04-04,pdfs-2024-09-25", true);
        check("accept", "text/html, application/xhtml+xml;q=0.9, */*;q=0.8", true);
        check("x-stainless-runtime-version", "v22.11.0", true);
        check("sec-fetch-site", "same-origin", true);
        check("openai-organization", "org-aB3dE5gH7jK9mN1pQ3sT5vW7", true);
        check("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true);
        check("if-modified-since", "Tue, 24 Nov 2026 12:00:00 GMT", true);
    }

    #[test]
    fn what_could_be_private_has_no_form() {
        check("user-agent", "4111111111111111", false);
        check("user-agent", "app/1.0 (Jane Doe)", false);
        check("user-agent", "app/1.0 ann@example.org", false);
        check("x-stainless-os", "536-90-4399", false);
        check("anthropic-beta", "x-4111-1111-1111-1111", false);
        check("sec-ch-ua", "+1-415-555-0132", false);
        check("sec-user", "jane.doe", false);
        check("x-stainless-note", "x", false);
        check("if-none-match", "\"4111111111111111\"", false);
        check("tracestate", "a=4111111111111111", false);
        check("tracestate", "a=ann%40example.org", false);
        check("accept-language", "ann&#64;example.org", false);
        check("x-stainless-lang", "bXkgbWFpbCBpcyBhbm5AZXhhbXBsZS5vcmc=", false);
        check("user-agent", "AsyncAnthropicBedrock/Python 0.71.2", true);
        check("anthropic-beta", "fine-grained-tool-streaming-2025-05-14", true);
        check("tracestate", "dd=s:1;o:rum;t.dm:-4,congo=t61rcWkgMzE", true);
        check("traceparent", "00-4111111111111111-01", false);
        check("openai-organization", "Jane Doe", false);
        check("idempotency-key", "jane", false);
    }
}
