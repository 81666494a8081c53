//! `recognizers`: what finds private data.

use super::{Failure, Io, Status, setup::PolicyArgs};
use crate::{detect::RecognizerInfo, redact::Keys};
use serde::Serialize;

/// Arguments of `recognizers`.
#[derive(Clone, Debug, clap::Args)]
pub struct RecognizersArgs {
    #[command(flatten)]
    policy: PolicyArgs,
    /// Write JSON: one object for each recognizer.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'r> {
    name: &'r str,
    entity_types: Vec<&'r str>,
    description: &'r str,
}

pub(super) fn run(args: &RecognizersArgs, io: &mut Io<'_>) -> Result<Status, Failure> {
    let (_, policy) = args.policy.engine(Keys::derive(b""), &io.environment)?;
    for recognizer in policy.analyzer().recognizers() {
        let line = Line::of(recognizer);
        if args.json {
            let json = serde_json::to_string(&line).map_err(std::io::Error::from)?;
            writeln!(io.out, "{json}")?;
        } else {
            writeln!(io.out, "{}: {}", line.name, line.description)?;
            writeln!(io.out, "    {}", line.entity_types.join(", "))?;
        }
    }
    Ok(Status::Done)
}

impl<'r> Line<'r> {
    fn of(info: &'r RecognizerInfo) -> Self {
        let entity_types = info.entity_types.iter().map(|t| t.as_str()).collect();
        Self { name: &info.name, entity_types, description: &info.description }
    }
}
