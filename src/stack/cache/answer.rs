//! An answer as it is kept: placeholders only, in a compact form of its own.

use super::EVENT_STREAM;
use crate::call::{CacheOutcome, Completion, CompletionBody};
use bytes::{BufMut, Bytes};
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::time::{SystemTime, UNIX_EPOCH};

/// A complete answer of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) streamed: bool,
    /// When it came, in seconds since 1970. By the clock, since other processes read it too.
    came: u64,
    pub(super) body: Bytes,
}

/// The headers that belong to the answer itself. All others tell of one exchange (ids, dates, cookies, what is left
/// of somebody's rate limit) and must not be told to the next caller.
const KEPT_HEADERS: [HeaderName; 3] =
    [header::CONTENT_TYPE, header::CONTENT_LANGUAGE, HeaderName::from_static("openai-version")];

/// The form of an encoded answer; another form, another number.
const FORM: u8 = 2;

/// A replayed stream comes in pieces of at most this size, so that nobody downstream must take it at once.
const PIECE_BYTES: usize = 16 * 1024;

impl Answer {
    pub(super) fn new(head: &Completion, body: Bytes, streamed: bool) -> Self {
        let mut headers = HeaderMap::with_capacity(KEPT_HEADERS.len());
        for name in KEPT_HEADERS {
            if let Some(value) = head.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        Self { status: head.status, headers, streamed, came: now(), body }
    }

    /// Whether it is no older than that, if there is a limit.
    pub(super) fn is_of_age(&self, max_age: Option<u32>) -> bool {
        max_age.is_none_or(|max_age| self.age() <= u64::from(max_age))
    }

    /// In seconds.
    fn age(&self) -> u64 {
        now().saturating_sub(self.came)
    }

    /// The answer as it is given to the next caller: a stream again if it was one.
    pub(super) fn replay(self) -> Completion {
        let age = self.age();
        let Self { status, mut headers, streamed, body, .. } = self;
        headers.insert(header::AGE, HeaderValue::from(age));
        let body = if streamed {
            CompletionBody::Stream(stream::iter(pieces(body)).map(Ok).boxed())
        } else {
            CompletionBody::Whole(body)
        };
        Completion { status, headers, body, cache: CacheOutcome::Hit }
    }

    /// Whether the body is one that its upstream finished, and no report of a failure.
    pub(super) fn is_complete(&self) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        match kind {
            Some(kind) if kind.starts_with(EVENT_STREAM) => stream_is_complete(&self.body),
            Some(kind) if kind.starts_with(b"application/json") => json_is_complete(&self.body),
            Some(_) | None => false,
        }
    }

    /// One byte of form, one of flags, the status, when it came, the headers, and the rest is the body.
    pub(super) fn encode(&self) -> Bytes {
        let mut out = Vec::with_capacity(self.body.len() + 128);
        out.put_u8(FORM);
        out.put_u8(u8::from(self.streamed));
        out.put_u16_le(self.status.as_u16());
        out.put_u64_le(self.came);
        let headers = self.headers.iter().filter_map(|(name, value)| {
            let lengths = (u8::try_from(name.as_str().len()), u16::try_from(value.len()));
            let (Ok(name_len), Ok(value_len)) = lengths else { return None };
            Some((name_len, name.as_str().as_bytes(), value_len, value.as_bytes()))
        });
        for (name_len, name, value_len, value) in headers {
            out.put_u8(name_len);
            out.put_slice(name);
            out.put_u16_le(value_len);
            out.put_slice(value);
        }
        // No name is empty: a zero ends the headers.
        out.put_u8(0);
        out.put_slice(&self.body);
        out.into()
    }

    /// `None` if the bytes are not in the form that this version writes.
    pub(super) fn decode(mut bytes: Bytes) -> Option<Self> {
        if byte(&mut bytes)? != FORM {
            return None;
        }
        let streamed = match byte(&mut bytes)? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let status = StatusCode::from_u16(short(&mut bytes)?).ok()?;
        let came = take(&mut bytes, 8)?.as_ref().try_into().ok()?;
        let came = u64::from_le_bytes(came);
        let mut headers = HeaderMap::with_capacity(KEPT_HEADERS.len());
        loop {
            let length = usize::from(byte(&mut bytes)?);
            if length == 0 {
                return Some(Self { status, headers, streamed, came, body: bytes });
            }
            let name = HeaderName::from_bytes(&take(&mut bytes, length)?).ok()?;
            let length = usize::from(short(&mut bytes)?);
            let value = HeaderValue::from_maybe_shared(take(&mut bytes, length)?).ok()?;
            headers.append(name, value);
        }
    }
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn take(bytes: &mut Bytes, length: usize) -> Option<Bytes> {
    (length <= bytes.len()).then(|| bytes.split_to(length))
}

fn byte(bytes: &mut Bytes) -> Option<u8> {
    take(bytes, 1).map(|one| one[0])
}

fn short(bytes: &mut Bytes) -> Option<u16> {
    take(bytes, 2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}

fn pieces(mut body: Bytes) -> Vec<Bytes> {
    let mut pieces = Vec::with_capacity(body.len().div_ceil(PIECE_BYTES));
    while !body.is_empty() {
        pieces.push(body.split_to(body.len().min(PIECE_BYTES)));
    }
    pieces
}

/// JSON that can be read to its end and tells of no failure: some gateways report those with status 200.
fn json_is_complete(body: &[u8]) -> bool {
    super::rules::members(body).is_some() && !tells_failure(body)
}

/// Ends as OpenAI's and Anthropic's streams end, and no event tells of a failure.
fn stream_is_complete(body: &[u8]) -> bool {
    let mut last = "";
    let Ok(text) = std::str::from_utf8(body) else { return false };
    for line in text.lines() {
        let data = line.strip_prefix("data:").map(str::trim_start);
        if line.strip_prefix("event:").is_some_and(|name| name.trim() == "error")
            || data.is_some_and(|data| tells_failure(data.as_bytes()))
        {
            return false;
        }
        last = data.unwrap_or(last);
    }
    last.trim_end() == "[DONE]" || last.contains(r#""message_stop""#)
}

/// An `error` beside whatever else there is, or a choice that ended by one, as OpenRouter has both. Within texts quotes are
/// escaped, so that what a model writes looks like neither.
fn tells_failure(document: &[u8]) -> bool {
    const ERROR: &[u8] = br#""error""#;
    if memchr::memmem::find(document, ERROR).is_none() {
        return false;
    }
    let has_error = super::rules::members(document)
        .is_none_or(|members| members.get("error").is_some_and(|error| error.get() != "null"));
    has_error || memchr::memmem::find_iter(document, ERROR).any(|at| ends_by(&document[..at]))
}

/// True for what goes before the reason of an end.
fn ends_by(before: &[u8]) -> bool {
    let key = before.trim_ascii_end().strip_suffix(b":").map(<[u8]>::trim_ascii_end);
    key.is_some_and(|key| key.ends_with(br#""finish_reason""#))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(kind: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        let streamed = kind.starts_with("text/event-stream");
        let body = Bytes::copy_from_slice(body.as_bytes());
        Answer { status: StatusCode::OK, headers, streamed, came: now(), body }
    }

    #[test]
    fn decoding_gives_what_was_encoded() {
        for body in ["", "{}", "data: [DONE]\n\n"] {
            let answer = answer("text/event-stream; charset=utf-8", body);
            assert_eq!(Answer::decode(answer.encode()), Some(answer));
        }
    }

    #[test]
    fn an_answer_may_be_too_old() {
        let old = Answer { came: now() - 3600, ..answer("application/json", "{}") };
        assert!(old.is_of_age(None) && old.is_of_age(Some(7200)));
        assert!(!old.is_of_age(Some(1800)));
        let ahead = Answer { came: now() + 3600, ..answer("application/json", "{}") };
        assert!(ahead.is_of_age(Some(0)), "another clock may be ahead");
        let told: u64 = old.replay().headers[header::AGE].to_str().unwrap().parse().unwrap();
        assert!((3600..3700).contains(&told), "{told}");
    }

    #[test]
    fn foreign_form_is_no_answer() {
        let encoded = answer("application/json", "{}").encode();
        for cut in 0..encoded.len() - "{}".len() {
            assert_eq!(Answer::decode(encoded.slice(..cut)), None, "cut at {cut}");
        }
        let mut newer = encoded.to_vec();
        newer[0] = FORM + 1;
        assert_eq!(Answer::decode(newer.into()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_decoding_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut form = vec![FORM, 0, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            form.extend(&bytes);
            let _ = (Answer::decode(form.into()), Answer::decode(bytes.into()));
        }
    }

    #[test]
    fn only_what_the_upstream_finished_is_complete() {
        let check = |kind, body, expected| {
            assert_eq!(answer(kind, body).is_complete(), expected, "{kind} {body}");
        };
        let (json, events) = ("application/json; charset=utf-8", "text/event-stream");
        check(json, r#"{"choices":[]}"#, true);
        check(json, r#"{"choices":[],"error":null}"#, true);
        check(json, r#"{"error":{"message":"no"}}"#, false);
        check(json, r#"{"choices":[{"finish_reason": "error"}]}"#, false);
        check(json, r#"{"choices":[{"message":{"content":"\"error\": 1"}}]}"#, true);
        check(json, r#"{"choices":["#, false);
        check(json, "[]", false);
        check("text/html", "<html>", false);
        check(events, "data: {\"choices\":[]}\n\ndata: [DONE]\n\n", true);
        check(events, "data: {\"choices\":[]}\r\n\r\ndata: [DONE]\r\n\r\n", true);
        check(events, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", true);
        check(events, "data: {\"choices\":[]}\n\n", false);
        check(events, "data: { \"error\":{}}\n\ndata: [DONE]\n\n", false);
        check(events, "data: {\"id\":1,\"error\":{}}\n\ndata: [DONE]\n\n", false);
        check(events, "data: {\"id\":1,\"error\":null}\n\ndata: [DONE]\n\n", true);
        check(
            events,
            "data: {\"choices\":[{\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n",
            false,
        );
        check(events, "event: error\ndata: {}\n\ndata: [DONE]\n\n", false);
        check(events, "data: {\"c\":\"say [DONE]\"}\n\n", false);
        check(events, "", false);
    }

    #[test]
    fn long_streams_are_replayed_in_pieces() {
        let body = Bytes::from(vec![b'x'; PIECE_BYTES * 2 + 1]);
        let pieces = pieces(body.clone());
        assert_eq!(
            pieces.iter().map(Bytes::len).collect::<Vec<_>>(),
            [PIECE_BYTES, PIECE_BYTES, 1]
        );
        assert_eq!(pieces.concat(), body);
    }
}
