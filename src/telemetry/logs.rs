//! Log lines.

use std::{
    io::{self, IsTerminal as _},
    panic,
};
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt as _, ParseError, filter_fn},
    fmt::{self, MakeWriter},
    layer::Filter,
    registry::LookupSpan,
};

/// Form of the log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; coloured on a terminal.
    #[default]
    Pretty,
    /// One JSON object per line.
    Json,
}

/// The layer that writes log lines for what `filter` lets through, in the form of `RUST_LOG`.
///
/// # Errors
/// If the filter cannot be read.
pub fn layer<S, W>(
    format: LogFormat,
    filter: &str,
    writer: W,
) -> Result<Box<dyn Layer<S> + Send + Sync>, ParseError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = wanted(filter)?;
    let lines = fmt::layer().with_writer(writer);
    Ok(match format {
        LogFormat::Pretty => {
            let colour = io::stderr().is_terminal();
            lines.with_ansi(colour).with_filter(filter).boxed()
        }
        LogFormat::Json => {
            lines.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed()
        }
    })
}

/// What of `filter` may be written down anywhere.
pub(super) fn wanted<S: Subscriber>(filter: &str) -> Result<impl Filter<S> + use<S>, ParseError> {
    let wanted = self::filter(filter)?;
    // Without a hint of its own the second filter would have all levels looked at, event by event.
    Ok(wanted.and(filter_fn(may_be_logged).with_max_level_hint(LevelFilter::TRACE)))
}

/// Reads a filter in the form of `RUST_LOG`.
pub(super) fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse(text)
}

/// The first word of a filter that stands for a level and is none.
pub(super) fn no_level(filter: &str) -> Option<&str> {
    let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
    let is_part = |word: &str| word.contains(['=', '[']) || word.starts_with("prompt_guard");
    let mut words = filter.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.find(|word| !is_level(word) && !is_part(word))
}

/// True for all that is ours, and for others from `INFO` up.
///
/// Below that, crates such as h2, hyper and redis log headers, frames and commands: what callers sent. No filter
/// setting brings that into the log.
fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    is_ours(metadata) || *metadata.level() <= Level::INFO
}

/// True for what this crate says.
pub(super) fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "prompt_guard" || target.starts_with("prompt_guard::")
}

/// From now on a panic is logged by its place alone.
///
/// The standard hook prints the message, and messages quote: slicing a string at a wrong place prints the string.
pub fn hush_panics() {
    panic::set_hook(Box::new(|info| {
        let (file, line) = info.location().map_or(("unknown", 0), |at| (at.file(), at.line()));
        tracing::error!(file, line, "a panic; its message is withheld, since it may hold input");
    }));
}
