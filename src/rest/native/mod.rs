//! The guard's own API, `/guard/v1/…`: the messages of `guard.proto` in proto3 JSON.

mod read;
mod write;

use super::{Rest, answer, failure::Failure, head, proto3::Message, route::Native};
use crate::{
    call::{CallerId, Head, Reply, Task},
    detect::offsets::OffsetUnit,
    sensitive::Sensitive,
};
use axum::{body::Body, response::Response};
use http::{Request, StatusCode};
use std::sync::Arc;

/// Answers one call of the guard's own API.
pub(super) async fn answer(
    rest: &Rest,
    native: Native,
    request: Request<Body>,
    request_id: Arc<str>,
) -> Result<Response, Failure> {
    let mut head = head(&request)?;
    let (task, form) = match native {
        Native::Scan => read::scan(message(rest, &head.caller, request).await?, &mut head)?,
        Native::Redact => read::redact(message(rest, &head.caller, request).await?, &mut head)?,
        Native::Restore => read::restore(message(rest, &head.caller, request).await?, &head)?,
        Native::Policies => bodyless(rest, &head.caller, request, Task::ListPolicies).await?,
        Native::RateLimit => bodyless(rest, &head.caller, request, Task::ReadQuota).await?,
        Native::DeleteSession(id) => {
            bodyless(rest, &head.caller, request, Task::DeleteSession(id)).await?
        }
    };
    let reply = rest.call(head, request_id, task).await?;
    respond(reply, &form)
}

/// What the answer has to look like.
#[derive(Default)]
struct Form {
    /// The texts of the request, for converting offsets; empty if the reply has none.
    texts: Vec<Sensitive>,
    unit: OffsetUnit,
    return_mapping: bool,
}

async fn message(
    rest: &Rest,
    caller: &CallerId,
    request: Request<Body>,
) -> Result<Message, Failure> {
    let (parts, body) = request.into_parts();
    Message::parse(&rest.0.bodies.json(caller, &parts.headers, body).await?)
}

async fn bodyless(
    rest: &Rest,
    caller: &CallerId,
    request: Request<Body>,
    task: Task,
) -> Result<(Task, Form), Failure> {
    let (parts, body) = request.into_parts();
    rest.0.bodies.none(caller, &parts.headers, body).await?;
    Ok((task, Form::default()))
}

fn respond(reply: Reply, form: &Form) -> Result<Response, Failure> {
    Ok(match reply {
        Reply::Scanned(results) => ok(&write::scan(&results, form)),
        Reply::Redacted(reply) => ok(&write::redact(&reply, form)),
        Reply::Restored(reply) => ok(&write::restore(&reply)),
        Reply::Policies(policies) => ok(&write::policies(&policies)),
        Reply::SessionDeleted => ok(&write::Empty {}),
        Reply::Quota(quota) => ok(&write::quota(quota)),
        Reply::Completed(_) => return Err(Failure::wrong_reply()),
    })
}

fn ok(body: &impl serde::Serialize) -> Response {
    let mut response = answer::json(StatusCode::OK, body);
    // Answers may hold originals: no cache on the way is to keep them.
    let no_store = http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(http::header::CACHE_CONTROL, no_store);
    response
}

/// The field of the body, or else the header of the same meaning.
fn or_header(field: String, header: Option<String>) -> Option<String> {
    if field.is_empty() { header } else { Some(field) }
}

/// The policy that the body names, or else the header.
fn set_policy(message: &mut Message, head: &mut Head) -> Result<(), Failure> {
    head.policy = or_header(message.string("policy")?, head.policy.take());
    Ok(())
}
