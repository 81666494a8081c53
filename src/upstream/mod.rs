//! The leaf of the stack: a redacted [`Prompt`] goes out over HTTP, a [`Completion`] comes back.
//!
//! Knows nothing of policies, placeholders or callers' limits: it sends bytes and hands on bytes. Start at
//! [`Upstreams`], which chooses; then `exchange` (attempts, and who is asked next), `request` (what goes out), `answer`
//! (what comes back) and `connect` (sockets and TLS).
//!
//! A surface that asks for other headers or another way to authenticate is a new [`KeyStyle`] or a field of
//! [`UpstreamConfig`]; the rest does not change.

mod answer;
mod breaker;
mod check;
mod config;
mod connect;
mod exchange;
mod failure;
mod glob;
mod measure;
mod model;
mod place;
mod proxy;
mod request;
mod retry;
#[cfg(test)]
mod tests;

pub use breaker::BreakerConfig;
pub use config::{ApiKey, Balance, ConfigError, HttpVersion, KeyStyle, UpstreamConfig};
pub use proxy::ProxyConfig;
pub use retry::RetryConfig;

use crate::{
    call::{Completion, Error, Prompt},
    wire::Endpoint,
};
use check::Upstream;
use futures_util::future::BoxFuture;
use model::Asked;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio::time::Instant;
use tower::Service;

/// All configured upstreams as one service; clones share the connections.
///
/// A prompt goes to the upstream that it names, else to the one whose `models` fit its model, else to the default one.
///
/// Always ready. Dropping the future, or the stream of the [`Completion`] it returned, cancels the upstream request.
///
/// # Errors
/// [`Error::NotFound`] for a name that is not configured, or if none is; [`Error::UpstreamUnreachable`] if no
/// connection comes about or it breaks before an answer; [`Error::UpstreamTimeout`] if a time limit of the upstream or
/// the prompt's deadline passes; [`Error::UpstreamBadAnswer`] for an answer that cannot be read;
/// [`Error::UpstreamUnavailable`] while the upstream is left alone. An error status of the upstream is an answer, not an
/// error.
#[derive(Clone, Debug)]
pub struct Upstreams {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    all: Vec<Upstream>,
    /// Of each upstream, the same at its other URLs.
    others: Vec<Vec<Upstream>>,
    /// Of each upstream, how many requests have taken turns at its URLs; `None` where they do not.
    turns: Vec<Option<AtomicUsize>>,
    /// Of each upstream, those that are asked in its place.
    fallbacks: Vec<Vec<usize>>,
    /// Index of the default one; `None` only when `all` is empty.
    default: Option<usize>,
    /// Whether models matter for where prompts go.
    reads_models: bool,
    /// Whether prompts can go to more than one place.
    may_move: bool,
}

impl Upstreams {
    /// Checks the configs and makes a connection pool for each; connects to none yet.
    ///
    /// Without a `default` the first one is the default.
    ///
    /// # Errors
    /// All faults at once, each with the field and what would be right.
    pub fn new(
        configs: &[UpstreamConfig],
        default: Option<&str>,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut errors = check::duplicates(configs);
        errors.extend(check::wrong_fallbacks(configs));
        errors.extend(check::ambiguous_models(configs));
        let mut all = Vec::with_capacity(configs.len());
        for config in configs {
            match Upstream::all_of(config) {
                Ok(upstream) => all.push(upstream),
                Err(faults) => errors.extend(faults),
            }
        }
        match check::default_index(configs, default) {
            Ok(default) if errors.is_empty() => {
                Ok(Self { inner: Arc::new(Inner::new(configs, all, default)) })
            }
            Ok(_) => Err(errors),
            Err(fault) => {
                errors.push(fault);
                Err(errors)
            }
        }
    }

    /// The configured names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.inner.all.iter().map(|upstream| &*upstream.name)
    }

    /// True if `name` is configured.
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// The upstream for a prompt, by its index.
    fn pick(&self, name: Option<&str>, asked: &Asked) -> Result<usize, Error> {
        let found = match name {
            Some(name) => self.names().position(|known| known == name),
            None => self.inner.by_model(asked).or(self.inner.default),
        };
        found.ok_or_else(|| self.unknown(name))
    }

    /// The name came from the caller and may be anything, so the message does not repeat it.
    fn unknown(&self, name: Option<&str>) -> Error {
        if self.inner.all.is_empty() {
            let message =
                "no upstream is configured; start the server with --upstream NAME=BASE_URL";
            return Error::NotFound { message: message.into(), param: None };
        }
        debug_assert!(name.is_some(), "with upstreams there is a default");
        let known = self.names().collect::<Vec<_>>().join(", ");
        Error::NotFound {
            message: format!("unknown upstream; configured with --upstream are: {known}"),
            param: Some("x-guard-upstream"),
        }
    }
}

impl Inner {
    /// Each upstream comes at its first URL and then at its others.
    fn new(configs: &[UpstreamConfig], all: Vec<Vec<Upstream>>, default: Option<usize>) -> Self {
        let (all, others): (Vec<_>, Vec<_>) = all
            .into_iter()
            .filter_map(|urls| {
                let mut urls = urls.into_iter();
                Some((urls.next()?, urls.collect()))
            })
            .unzip();
        let turns = |config: &UpstreamConfig| {
            (config.balance == Balance::RoundRobin).then(AtomicUsize::default)
        };
        let index = |name: &String| configs.iter().position(|config| config.name == *name);
        let fallbacks =
            |config: &UpstreamConfig| config.fallbacks.iter().filter_map(index).collect();
        Self {
            fallbacks: configs.iter().map(fallbacks).collect(),
            reads_models: configs.iter().any(|it| !it.models.is_empty())
                || all.iter().any(Upstream::reads_model),
            may_move: configs
                .iter()
                .any(|it| !(it.fallbacks.is_empty() && it.more_base_urls.is_empty())),
            turns: configs.iter().map(turns).collect(),
            others,
            all,
            default,
        }
    }

    /// Whether what a body says of where it goes makes a difference.
    fn reads(&self, endpoint: Endpoint) -> bool {
        self.reads_models || self.may_move && Asked::decides(endpoint)
    }

    /// An upstream at all of its URLs, the one to be asked first in front. What has to stay at one goes to the first.
    ///
    /// Takes a turn, so it is for who is about to ask.
    fn urls(&self, index: usize, may_move: bool) -> impl Iterator<Item = &Upstream> {
        let urls = || std::iter::once(&self.all[index]).chain(&self.others[index]);
        let turns = self.turns[index].as_ref().filter(|_| may_move);
        let n_urls = 1 + self.others[index].len();
        let nth = turns.map_or(0, |turns| turns.fetch_add(1, Ordering::Relaxed) % n_urls);
        urls().skip(nth).chain(urls().take(nth))
    }

    /// Those that are asked in an upstream's place, one by one: each takes its turns only when it comes to it.
    fn in_place_of(&self, index: usize) -> impl Iterator<Item = &Upstream> {
        self.fallbacks[index].iter().flat_map(|index| self.urls(*index, true))
    }

    fn by_model(&self, asked: &Asked) -> Option<usize> {
        let model = asked.model.as_deref()?;
        self.all.iter().position(|upstream| upstream.models.iter().any(|glob| glob.matches(model)))
    }
}

impl Service<Prompt> for Upstreams {
    type Response = Completion;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Completion, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, prompt: Prompt) -> Self::Future {
        let asked = if self.inner.reads(prompt.endpoint) {
            Asked::read(prompt.body.as_bytes())
        } else {
            Asked::default()
        };
        match self.pick(prompt.upstream.as_deref(), &asked) {
            Ok(index) => Box::pin(exchange::forward(Arc::clone(&self.inner), index, prompt, asked)),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}

fn earlier(until: Option<Instant>, other: Instant) -> Instant {
    until.map_or(other, |until| until.min(other))
}
