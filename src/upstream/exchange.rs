//! One exchange: attempts at the upstream that was chosen, and at those in its place, until one answers.
//!
//! All of it comes before the first byte for the caller: once a head is handed on, nothing is tried again.

use super::{
    Inner, answer,
    check::Upstream,
    earlier,
    failure::Lost,
    measure::{self, Measure, Reason},
    model::Asked,
    request::{self, Outgoing},
    retry::{asked_for, is_final, is_trouble},
};
use crate::call::{Completion, Error, Kind, Prompt};
use http::{HeaderValue, Response, StatusCode, header::CACHE_CONTROL};
use hyper::body::Incoming;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::{Instant, sleep, timeout_at};

/// Sends a prompt to the upstream of this index, and reads what comes back. It is asked at one of its URLs; if that fails,
/// at the others, and then those in its place.
pub(super) async fn forward(
    upstreams: Arc<Inner>,
    index: usize,
    prompt: Prompt,
    asked: Asked,
) -> Result<Completion, Error> {
    let may_move = asked.may_go_elsewhere(prompt.endpoint);
    let mut urls = upstreams.urls(index, may_move);
    let Some(chosen) = urls.next() else {
        return Err(Error::Internal("an upstream without a URL".into()));
    };
    let until = end_of(chosen, &prompt);
    let outgoing = Outgoing { prompt: &prompt, asked: &asked, elsewhere: false };
    let first = attempts(chosen, &outgoing, until).await;
    if first.failed(chosen) && may_move {
        let same = urls.map(|other| (other, false));
        let in_its_place = upstreams.in_place_of(index).map(|other| (other, true));
        for (other, elsewhere) in same.chain(in_its_place) {
            if until.is_some_and(|until| Instant::now() >= until) {
                break; // nobody waits for an answer any more
            }
            let until = sooner(until, end_of(other, &prompt));
            let outgoing = Outgoing { elsewhere, ..outgoing };
            let second = attempts(other, &outgoing, until).await;
            let answers = if elsewhere { second.succeeded() } else { !second.failed(other) };
            if answers {
                first.discard();
                measure::failed_over(&chosen.name, &other.name);
                let read = second.read(other, until, &prompt).await;
                return if elsewhere { read.map(substitute) } else { read };
            }
            second.discard();
        }
    }
    // What the upstream itself said tells the caller more than what those in its place did.
    first.read(chosen, until, &prompt).await
}

/// An answer that is not to be kept: the next one should come from the upstream that was meant.
fn substitute(mut completion: Completion) -> Completion {
    completion.headers.append(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    completion
}

/// When the whole exchange must be over: the caller's deadline or the upstream's total limit, whichever is first. Others who
/// wait for the same answer have deadlines of their own.
fn end_of(upstream: &Upstream, prompt: &Prompt) -> Option<Instant> {
    let total = upstream.total_timeout.map(|total| Instant::now() + total);
    let own = prompt.deadline.filter(|_| !prompt.shared);
    sooner(total, own.map(Instant::from_std))
}

/// When a wait for another attempt must be over: before the caller has gone who asked, as long as that one is there.
fn end_of_waits(prompt: &Prompt, until: Option<Instant>) -> Option<Instant> {
    let deadline = prompt.deadline.map(Instant::from_std);
    sooner(until, deadline.filter(|deadline| !prompt.shared || *deadline > Instant::now()))
}

fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Asks one upstream, again as far as that is allowed and may help.
async fn attempts(upstream: &Upstream, outgoing: &Outgoing<'_>, until: Option<Instant>) -> Tried {
    upstream.budget.deposit();
    let mut done = 1;
    loop {
        let tried = attempt(upstream, outgoing, until).await;
        let until_waits = end_of_waits(outgoing.prompt, until);
        let Some((wait, reason)) = tried.another(upstream, done, until_waits) else {
            return tried;
        };
        tried.discard();
        measure::retried(&upstream.name, reason);
        sleep(wait).await;
        done += 1;
    }
}

async fn attempt(upstream: &Upstream, outgoing: &Outgoing<'_>, until: Option<Instant>) -> Tried {
    let permit = match upstream.breaker.enter() {
        Ok(permit) => permit,
        Err(retry_after) => return Tried::Lost(Error::UpstreamUnavailable { retry_after }.into()),
    };
    let mut measure = Measure::start(Arc::clone(&upstream.meters));
    let own_limit = Instant::now() + upstream.first_byte_timeout;
    let limit = earlier(until, own_limit);
    match timeout_at(limit, request::send(upstream, outgoing)).await {
        Ok(Ok(response)) => {
            measure.head(response.status());
            permit.judge(is_trouble(response.status()));
            Tried::Answered(response, measure)
        }
        Ok(Err(lost)) => {
            measure.failed(&lost.error);
            if is_loss(&lost.error) {
                permit.judge(true);
            }
            Tried::Lost(lost)
        }
        Err(_elapsed) => {
            let error = measure.failing(Error::UpstreamTimeout);
            // The caller's own deadline says nothing about the upstream.
            if limit == own_limit {
                permit.judge(true);
            }
            Tried::Lost(error.into())
        }
    }
}

/// What came of attempts at one upstream.
enum Tried {
    Answered(Response<Incoming>, Measure),
    Lost(Lost),
}

impl Tried {
    /// Whether another upstream may do better.
    fn failed(&self, upstream: &Upstream) -> bool {
        match self {
            Self::Answered(response, _) => {
                is_trouble(response.status()) || is_refusal(upstream, response.status())
            }
            Self::Lost(lost) => is_loss(&lost.error),
        }
    }

    /// Whether it answers the request. Of one in the place of another, a refusal may well tell of its own key or models.
    fn succeeded(&self) -> bool {
        match self {
            Self::Answered(response, _) => response.status().is_success(),
            Self::Lost(_) => false,
        }
    }

    /// The wait before another attempt after so many, if there may be one.
    fn another(
        &self,
        upstream: &Upstream,
        done: u32,
        until: Option<Instant>,
    ) -> Option<(Duration, Reason)> {
        let (reason, asked) = self.retriable(upstream)?;
        if done > upstream.retry.attempts {
            return None;
        }
        let wait = upstream.retry.wait(done, asked)?;
        if until.is_some_and(|until| Instant::now() + wait >= until) {
            return None;
        }
        if !upstream.budget.take() {
            measure::out_of_budget(&upstream.name);
            return None;
        }
        Some((wait, reason))
    }

    /// Whether the upstream has not worked on the request, and when it wants to see it again.
    fn retriable(&self, upstream: &Upstream) -> Option<(Reason, Option<Duration>)> {
        match self {
            Self::Answered(response, _) => {
                let headers = response.headers();
                let refused = is_refusal(upstream, response.status()) && !is_final(headers);
                refused.then(|| (Reason::Status, asked_for(headers, SystemTime::now())))
            }
            Self::Lost(lost) => lost.unsent.then_some((Reason::Connect, None)),
        }
    }

    async fn read(
        self,
        upstream: &Upstream,
        until: Option<Instant>,
        prompt: &Prompt,
    ) -> Result<Completion, Error> {
        match self {
            Self::Answered(response, measure) => {
                answer::read(upstream, response, until, prompt, measure).await
            }
            Self::Lost(lost) => Err(lost.error),
        }
    }

    /// Nobody wants to read it: it was not cancelled, it has failed.
    fn discard(self) {
        if let Self::Answered(_, mut measure) = self {
            measure.done();
        }
    }
}

fn is_refusal(upstream: &Upstream, status: StatusCode) -> bool {
    upstream.retry.statuses.contains(&status.as_u16())
}

/// Whether it was the upstream that failed, not the request.
fn is_loss(error: &Error) -> bool {
    match error.kind() {
        Kind::UpstreamUnreachable
        | Kind::UpstreamBadAnswer
        | Kind::UpstreamTimeout
        | Kind::UpstreamUnavailable => true,
        Kind::Invalid
        | Kind::Blocked
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NotFound
        | Kind::TooLarge
        | Kind::RateLimited
        | Kind::Overloaded
        | Kind::StateUnavailable
        | Kind::DetectionUnavailable
        | Kind::NotCached
        | Kind::Internal => false,
    }
}
