//! `policies`: list, show and check.

use super::{
    Failure, Io, Status,
    setup::{PolicyArgs, ServiceArgs, read_policies},
};
use crate::{
    policy::{Policy, PolicySet, Rule},
    redact::Operator,
};
use serde::Serialize;
use std::path::PathBuf;

/// What to do with policies.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PoliciesCommand {
    /// Name, version and purpose of each.
    List {
        #[command(flatten)]
        policies: PolicyArgs,
        /// Write JSON: one object for each policy.
        #[arg(long)]
        json: bool,
    },
    /// A policy with all that it inherits, as YAML.
    Show {
        #[command(flatten)]
        policies: PolicyArgs,
        /// Which one, in place of --policy.
        name: Option<String>,
    },
    /// Check files or folders and report all faults; status 1 when there are some.
    Check {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        service: ServiceArgs,
    },
}

pub(super) fn run(command: &PoliciesCommand, io: &mut Io<'_>) -> Result<Status, Failure> {
    match command {
        PoliciesCommand::List { policies, json } => {
            list(&policies.load(&io.environment)?, *json, io)
        }
        PoliciesCommand::Show { policies, name } => show(policies, name.as_deref(), io),
        PoliciesCommand::Check { paths, service } => check(paths, service, io),
    }
}

#[derive(Serialize)]
struct Summary<'p> {
    name: &'p str,
    description: &'p str,
    version: &'p str,
    file: &'p str,
    entity_types: Vec<&'p str>,
}

fn list(set: &PolicySet, json: bool, io: &mut Io<'_>) -> Result<Status, Failure> {
    for policy in set.iter() {
        let summary = Summary {
            name: policy.name().as_str(),
            description: policy.description(),
            version: policy.version(),
            file: policy.file(),
            entity_types: policy.rules().keys().map(|t| t.as_str()).collect(),
        };
        if json {
            let line = serde_json::to_string(&summary).map_err(std::io::Error::from)?;
            writeln!(io.out, "{line}")?;
        } else {
            writeln!(io.out, "{:<16} {}  {}", summary.name, summary.version, summary.description)?;
        }
    }
    Ok(Status::Done)
}

fn show(args: &PolicyArgs, name: Option<&str>, io: &mut Io<'_>) -> Result<Status, Failure> {
    let args = name.map_or_else(|| args.clone(), |name| args.choosing(name));
    let (_, policy) = args.engine(crate::redact::Keys::derive(b""), &io.environment)?;
    write_yaml(&policy, io)?;
    Ok(Status::Done)
}

/// JSON strings are YAML too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write_yaml(policy: &Policy, io: &mut Io<'_>) -> Result<(), Failure> {
    writeln!(io.out, "# {}, version {}", policy.file(), policy.version())?;
    writeln!(io.out, "name: {}", policy.name())?;
    writeln!(io.out, "description: {}", quoted(policy.description()))?;
    if !policy.languages().is_empty() {
        writeln!(io.out, "languages: [{}]", policy.languages().join(", "))?;
    }
    writeln!(io.out, "unscannable: {}", policy.unscannable().name())?;
    writeln!(io.out, "signed: {}", policy.signed().name())?;
    writeln!(io.out, "numbering: {}", policy.numbering().name())?;
    let one_way: Vec<&str> = policy.one_way().names().collect();
    writeln!(io.out, "one_way: [{}]", one_way.join(", "))?;
    let canaries: Vec<String> = policy.canaries().iter().map(|canary| quoted(canary)).collect();
    writeln!(io.out, "canaries: [{}]", canaries.join(", "))?;
    if !policy.models().is_empty() {
        writeln!(io.out, "models: [{}]", policy.models().join(", "))?;
    }
    write_retention(policy, io)?;
    writeln!(io.out, "entities:")?;
    for (entity_type, rule) in policy.rules() {
        let Rule { operator, min_score, action, direction, output } = rule;
        let (operator, score) = (written(operator), min_score.get());
        let (action, direction, output) = (action.name(), direction.name(), output.name());
        writeln!(
            io.out,
            "  {entity_type}: {{operator: {operator}, min_score: {score}, action: {action}, direction: {direction}, output: {output}}}"
        )?;
    }
    Ok(())
}

fn write_retention(policy: &Policy, io: &mut Io<'_>) -> Result<(), Failure> {
    let retention = policy.retention();
    let sessions = retention.sessions.map(|s| format!("sessions_s: {}", s.as_secs()));
    let cache = retention.cache.map(|cache| format!("cache: {cache}"));
    let fields: Vec<String> = sessions.into_iter().chain(cache).collect();
    if !fields.is_empty() {
        writeln!(io.out, "retention: {{{}}}", fields.join(", "))?;
    }
    Ok(())
}

fn written(operator: &Operator) -> String {
    match operator {
        Operator::Replace { template } => quoted(template.as_str()),
        Operator::Mask { character, keep_first, keep_last } => {
            let character = quoted(&character.to_string());
            format!(
                "{{mask: {{character: {character}, keep_first: {keep_first}, keep_last: {keep_last}}}}}"
            )
        }
        Operator::Hash
        | Operator::Encrypt
        | Operator::Surrogate
        | Operator::Label
        | Operator::Remove
        | Operator::Keep => operator.name().to_owned(),
    }
}

fn check(paths: &[PathBuf], service: &ServiceArgs, io: &mut Io<'_>) -> Result<Status, Failure> {
    let models = service.read(&io.environment)?.models;
    let files = read_policies(paths)?;
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    match PolicySet::load_with(files, &models) {
        Ok(set) => {
            for policy in set.iter().filter(|p| names.iter().any(|name| name == p.file())) {
                let (name, version) = (policy.name(), policy.version());
                let types = policy.rules().len();
                writeln!(
                    io.out,
                    "{}: {name} is sound, version {version}, entity types: {types}",
                    policy.file()
                )?;
            }
            Ok(Status::Done)
        }
        Err(errors) => {
            for error in errors {
                writeln!(io.out, "{error}")?;
            }
            Ok(Status::Refused)
        }
    }
}
