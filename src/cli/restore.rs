//! `restore`: originals back into redacted text.

use super::{
    Failure, Io, Status,
    input::{InputArgs, read_all},
    redact::write_text,
    setup::unreadable,
};
use crate::{
    redact::{Context, Mapping},
    sensitive::Sensitive,
};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

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

/// A mapping in either form.
pub(super) fn load(path: &Path) -> Result<Mapping, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let mapping = match bytes.trim_ascii_start().first() {
        Some(b'[' | b'{') => from_json(&bytes),
        _ => Mapping::decode(&bytes).ok(),
    };
    mapping.ok_or_else(|| {
        Failure::new(format!(
            "{} is no mapping; give the file that `redact --mapping` wrote",
            path.display()
        ))
    })
}

/// One stand-in of an answer of the service.
#[derive(Deserialize)]
struct Pair {
    placeholder: String,
    original: String,
}

/// The whole answer, or its list alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    List(Vec<Pair>),
    Answer { mapping: Vec<Pair> },
}

fn from_json(bytes: &[u8]) -> Option<Mapping> {
    let (Given::List(pairs) | Given::Answer { mapping: pairs }) =
        serde_json::from_slice(bytes).ok()?;
    Some(Mapping::from_pairs(
        pairs.into_iter().map(|p| (p.placeholder, Sensitive::new(p.original))),
    ))
}
