//! Reads request bodies, within bounds of size and time.

use super::{RestConfig, failure::Failure};
use crate::{
    call::{CallerId, Error},
    stack::room::{Room, Share},
    wire::{
        Collected,
        coding::{Broken, Coding, Decoder},
    },
};
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Reads the bodies of requests.
#[derive(Debug)]
pub(super) struct Bodies {
    max_bytes: usize,
    time_limit: Duration,
    idle: Duration,
    room: Room,
}

impl Bodies {
    pub(super) fn new(config: &RestConfig) -> Self {
        Self {
            max_bytes: config.max_body_bytes,
            time_limit: config.body_timeout,
            idle: config.upload_idle,
            room: config.room.clone(),
        }
    }

    /// Reads a body that has to be JSON; whether it is, the reader of its content says.
    pub(super) async fn json(
        &self,
        caller: &CallerId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Bytes, Failure> {
        expect_json(headers)?;
        let bytes = self.all(caller, headers, body).await?;
        if bytes.is_empty() {
            return Err(Failure::invalid("body", "the request has no body; send a JSON object"));
        }
        Ok(bytes)
    }

    /// Reads a body that has to be JSON if there is one.
    pub(super) async fn maybe_json(
        &self,
        caller: &CallerId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Bytes, Failure> {
        let bytes = self.all(caller, headers, body).await?;
        if !bytes.is_empty() {
            expect_json(headers)?;
        }
        Ok(bytes)
    }

    /// Makes sure that a request has no body, where none is defined: nobody would look at it.
    pub(super) async fn none(
        &self,
        caller: &CallerId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(), Failure> {
        if self.all(caller, headers, body).await?.is_empty() {
            return Ok(());
        }
        Err(Failure::invalid("body", "this method takes no body"))
    }

    /// Reads a body of any kind, without its content coding.
    pub(super) async fn all(
        &self,
        caller: &CallerId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Bytes, Failure> {
        let limit_bytes = self.max_bytes;
        let coding = Coding::of(headers).map_err(|_| Failure::unknown_coding())?;
        let announced = declared_length(headers).unwrap_or(0);
        if announced > limit_bytes as u64 {
            return Err(Error::TooLarge { limit_bytes }.into());
        }
        let mut share = self.room.share_of(caller);
        let bytes = self.collected(body, announced, &mut share).await?;
        let bytes = match coding.map(Decoder::new) {
            Some(decoder) => decoded(decoder, bytes, limit_bytes, &mut share).await?,
            None => bytes,
        };
        Ok(share.keep(bytes))
    }

    /// All data of a body that comes without long pauses. Trailers end here: nobody reads them, so nobody would guard them.
    async fn collected(
        &self,
        mut body: Body,
        announced: u64,
        share: &mut Share,
    ) -> Result<Bytes, Failure> {
        let limit_bytes = self.max_bytes;
        let mut whole = Collected::new(limit_bytes).announced(announced);
        let end = Instant::now() + self.time_limit;
        loop {
            // One alarm for both limits: each that is set takes time to be taken back, and most bodies come at once.
            let idle_end = Instant::now() + self.idle;
            match timeout_at(idle_end.min(end), body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    if whole.len() + data.len() <= limit_bytes {
                        share.grow(whole.len() + data.len())?;
                    }
                    whole.push(data).map_err(|_| Error::TooLarge { limit_bytes })?;
                }
                Ok(None) => return Ok(whole.into_bytes()),
                Ok(Some(Err(_))) => {
                    return Err(Failure::invalid("body", "the request body ended early"));
                }
                Err(_elapsed) if end <= idle_end => return Err(Failure::slow_body()),
                Err(_elapsed) => return Err(Failure::stalled_body(self.idle)),
            }
        }
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A missing type is taken for JSON; with several, each reader might take another one.
fn expect_json(headers: &HeaderMap) -> Result<(), Failure> {
    let is_json = |value: &http::HeaderValue| value.to_str().is_ok_and(is_json_type);
    if headers.get_all(header::CONTENT_TYPE).iter().all(is_json) {
        return Ok(());
    }
    Err(Failure::invalid("content-type", "the content-type must be application/json, in UTF-8"))
}

fn is_json_type(value: &str) -> bool {
    let mut parts = value.split(';').map(|part| part.trim().to_ascii_lowercase());
    let essence = parts.next().unwrap_or_default();
    let json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    json && parts.all(|parameter| match parameter.strip_prefix("charset=") {
        Some(charset) => matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"),
        None => true,
    })
}

/// Undoes a content coding. The limit holds for what comes of it, so a small body that grows without end is refused.
async fn decoded(
    mut decoder: Decoder,
    bytes: Bytes,
    limit_bytes: usize,
    share: &mut Share,
) -> Result<Bytes, Failure> {
    let coded_bytes = bytes.len();
    if bytes.is_empty() {
        return Ok(bytes); // no body, whatever its coding would be
    }
    let mut plain = Collected::new(limit_bytes);
    decoder.feed(bytes);
    while let Some(piece) = decoder.read().map_err(broken)? {
        share.grow(coded_bytes + plain.len() + piece.len())?;
        plain.push(piece).map_err(|_| Error::TooLarge { limit_bytes })?;
        // A large body takes a while: others must get their turn.
        tokio::task::consume_budget().await;
    }
    decoder.finish().map_err(broken)?;
    Ok(plain.into_bytes())
}

fn broken(_: Broken) -> Failure {
    Failure::invalid("content-encoding", "the request body is not what its content-encoding says")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_types_are_told_from_others() {
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/vnd.api+json",
            "application/json; charset=\"utf-8\"",
            "application/json; profile=x",
        ] {
            assert!(is_json_type(good), "{good}");
        }
        for bad in
            ["", "text/plain", "application/jsonp", "application/json; charset=utf-16", "text/json"]
        {
            assert!(!is_json_type(bad), "{bad}");
        }
    }
}
