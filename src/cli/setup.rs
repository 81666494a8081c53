//! From arguments to an engine and a selection.

use super::Failure;
use crate::{
    app::operator_keys,
    app::read_policy_files,
    detect::{EntityType, Score, Selection},
    engine::Engine,
    policy::{Direction, Policy, PolicySet, canonical},
    redact::Keys,
    sensitive::Sensitive,
    store::Secret,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Which policy applies, and where policies are.
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyArgs {
    /// Name of a policy, or a YAML file that holds one. Default `default_pii`.
    #[arg(short, long, value_name = "NAME|FILE")]
    policy: Option<String>,
    /// File or folder with policies of your own; may be repeated.
    #[arg(long = "policies", value_name = "PATH")]
    policies: Vec<PathBuf>,
}

impl PolicyArgs {
    /// The engine with these policies, and the one that was chosen.
    pub(super) fn engine(&self, keys: Keys) -> Result<(Engine, Arc<Policy>), Failure> {
        let set = self.load()?;
        let name = self.chosen(&set)?;
        let engine = Engine::new(set, &name, keys).map_err(|e| Failure::new(e.to_string()))?;
        let policy =
            engine.policy(None).map(Arc::clone).map_err(|e| Failure::new(e.to_string()))?;
        Ok((engine, policy))
    }

    /// The same with another policy chosen.
    pub(super) fn choosing(&self, policy: &str) -> Self {
        Self { policy: Some(policy.to_owned()), policies: self.policies.clone() }
    }

    /// All policies there are.
    pub(super) fn load(&self) -> Result<PolicySet, Failure> {
        let mut files = self.policies.clone();
        files.extend(self.as_file());
        PolicySet::load(read_policies(&files)?).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(format!("the policies cannot be used:\n  {}", lines.join("\n  ")))
        })
    }

    /// True when the caller named one.
    pub(super) fn is_named(&self) -> bool {
        self.policy.is_some()
    }

    fn name(&self) -> &str {
        self.policy.as_deref().unwrap_or("default_pii")
    }

    fn as_file(&self) -> Option<PathBuf> {
        let name = self.name();
        let is_file = name.ends_with(".yaml") || name.ends_with(".yml");
        is_file.then(|| PathBuf::from(name))
    }

    fn chosen(&self, set: &PolicySet) -> Result<String, Failure> {
        if self.as_file().is_none() {
            return Ok(self.name().to_owned());
        }
        let own = set.iter().find(|policy| policy.file() == self.name());
        own.map(|policy| policy.name().to_string())
            .ok_or_else(|| Failure::new(format!("{} is given twice", self.name())))
    }
}

/// Reads policy files, and those of folders.
pub(super) fn read_policies(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    read_policy_files(paths).map_err(Failure::of)
}

pub(super) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot read {}: {error}", path.display()))
}

/// The keys from the service's secret in a file, or new ones: without a file, `hash`, `encrypt` and `surrogate` differ
/// from run to run.
pub(super) fn keys(file: Option<&Path>) -> Result<Keys, Failure> {
    let secret = match file {
        Some(path) => {
            let text = Sensitive::<String>::new(read(path)?);
            Secret::parse(text.expose())
                .map_err(|e| Failure::new(format!("{}: {e}", path.display())))
        }
        None => Secret::random().map_err(Failure::of),
    };
    secret.map(|secret| operator_keys(&secret))
}

/// What a command line asks for beyond the policy.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SelectionArgs {
    /// Only these types, also if the policy leaves them out; `all` for all there are.
    #[arg(short, long, value_name = "TYPE,…", value_delimiter = ',')]
    entities: Vec<String>,
    /// Findings below this score are left out; in place of the policy's thresholds.
    #[arg(long, value_name = "0.0-1.0", value_parser = score)]
    min_score: Option<f32>,
}

fn score(text: &str) -> Result<f32, String> {
    let value: f32 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&value) { Ok(value) } else { Err("not between 0 and 1".to_owned()) }
}

impl SelectionArgs {
    /// The selection of the policy, or what was asked for in its place. Where no policy was `named`, secrets are told of from their
    /// usual score on: policies replace them from a lower one, if they do not say otherwise.
    pub(super) fn selection(&self, policy: &Policy, named: bool) -> Result<Selection, Failure> {
        let own = policy.selection(Direction::Input);
        let types = if self.entities.is_empty() {
            policy.rules().keys().filter(|t| own.min_score(t).is_some()).cloned().collect()
        } else {
            expand(&self.entities, policy)?
        };
        let least = |entity_type: &EntityType| match self.min_score {
            Some(score) => Score::new(score),
            None => own
                .min_score(entity_type)
                .filter(|score| named || *score != Selection::replacing_score(entity_type))
                .unwrap_or_else(|| Selection::usual_score(entity_type)),
        };
        Ok(Selection::of(types.into_iter().map(|t| (t.clone(), least(&t)))))
    }
}

/// The types that words name: `EMAIL`, `SECRET*`, `all`.
pub(super) fn expand(words: &[String], policy: &Policy) -> Result<Vec<EntityType>, Failure> {
    let known = policy.analyzer().entity_types();
    let mut types = Vec::new();
    for word in words {
        let before = types.len();
        types.extend(known.iter().filter(|t| names(word, t)).cloned());
        if types.len() == before {
            let problem =
                format!("no recognizer finds `{word}`; `prompt-guard recognizers` lists the types");
            return Err(Failure::new(problem));
        }
    }
    Ok(types)
}

fn names(word: &str, entity_type: &EntityType) -> bool {
    match word.strip_suffix('*') {
        Some(prefix) => entity_type.as_str().starts_with(prefix),
        None => word.eq_ignore_ascii_case("all") || canonical(word) == entity_type.as_str(),
    }
}
