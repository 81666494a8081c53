//! Answers that more than one part of the facade gives.

use super::headers;
use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A JSON answer.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let mut response = (status, Body::from(bytes)).into_response();
            response.headers_mut().insert(header::CONTENT_TYPE, headers::JSON);
            response
        }
        // Our own messages have string keys and no failing part; still no reason to panic.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The answer to `OPTIONS`.
pub(super) fn options(allow: &'static str) -> Response {
    let allow = [(header::ALLOW, HeaderValue::from_static(allow))];
    (StatusCode::NO_CONTENT, allow).into_response()
}
