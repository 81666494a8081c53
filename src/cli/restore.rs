//! `restore`: originals back into redacted text.

use super::{
    Failure, Io, Status,
    input::{InputArgs, read_all},
    mapping::load,
    output::write_text,
};
use crate::redact::Context;
use std::path::PathBuf;

/// Arguments of `restore`.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    input: InputArgs,
    /// The mapping that `redact` kept, or the `mapping` of an answer of `/guard/v1/redact` as JSON.
    #[arg(short, long, value_name = "FILE")]
    mapping: PathBuf,
    /// Write restored copies of files into this folder.
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// The text is JSON: escape the originals as JSON strings need it.
    #[arg(long)]
    in_json: bool,
}

pub(super) fn run(args: &RestoreArgs, io: &mut Io<'_>) -> Result<Status, Failure> {
    let restorer = load(&args.mapping)?.restorer();
    let context = if args.in_json { Context::JsonText } else { Context::Prose };
    let sources = args.input.sources()?;
    if sources.len() > 1 && args.output.is_none() {
        return Err(Failure::new("several inputs: give --output FOLDER for copies"));
    }
    for (source, text, encoding) in read_all(&sources, io)? {
        let restored = restorer.restore(&text, context);
        write_text(args.output.as_deref(), &source, (&restored, encoding), io)?;
    }
    Ok(Status::Done)
}
