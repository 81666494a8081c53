//! From arguments to an engine and a selection.

use super::{Environment, Failure, Settings};
use crate::{
    app::{load_models, operator_keys, read_policy_files},
    config::PolicyConfig,
    detect::{EntityType, Model, Score, Selection},
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
    time::Duration,
};

/// How long a text may take a model where nobody else waits.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Which policy applies, and where policies are.
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyArgs {
    /// Name of a policy, or a YAML file that holds one. Default `default_pii`.
    #[arg(short, long, value_name = "NAME|FILE")]
    policy: Option<String>,
    /// File or folder with policies of your own; may be repeated.
    #[arg(long = "policies", value_name = "PATH")]
    policies: Vec<PathBuf>,
    #[command(flatten)]
    service: ServiceArgs,
}

/// The service whose policies and models are used.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ServiceArgs {
    /// Configuration file of the service: its policies, the default one and models are used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What a command takes from the service.
#[derive(Default)]
pub(super) struct Service {
    pub(super) policy: PolicyConfig,
    pub(super) models: Vec<Arc<dyn Model>>,
}

impl ServiceArgs {
    /// Reads the configuration and loads the models, if there are some.
    pub(super) fn read(&self, environment: &Environment) -> Result<Service, Failure> {
        let Some(file) = &self.config else { return Ok(Service::default()) };
        let config = Settings::of_file(file.clone()).config(environment.clone())?;
        let mut models = config.models;
        models.models.iter_mut().for_each(|model| model.time_limit = PATIENCE);
        let models = load_models(&models).map_err(Failure::of)?;
        Ok(Service { policy: config.policy, models })
    }
}

impl PolicyArgs {
    /// The engine with these policies, and the one that was chosen.
    pub(super) fn engine(
        &self,
        keys: Keys,
        environment: &Environment,
    ) -> Result<(Engine, Arc<Policy>), Failure> {
        let service = self.service.read(environment)?;
        let set = self.load_with(&service)?;
        let name = self.chosen(&set, &service.policy.default)?;
        let engine = Engine::new(set, &name, keys).map_err(|e| Failure::new(e.to_string()))?;
        let policy =
            engine.policy(None).map(Arc::clone).map_err(|e| Failure::new(e.to_string()))?;
        Ok((engine, policy))
    }

    /// The same with another policy chosen.
    pub(super) fn choosing(&self, policy: &str) -> Self {
        Self { policy: Some(policy.to_owned()), ..self.clone() }
    }

    /// All policies there are.
    pub(super) fn load(&self, environment: &Environment) -> Result<PolicySet, Failure> {
        self.load_with(&self.service.read(environment)?)
    }

    fn load_with(&self, service: &Service) -> Result<PolicySet, Failure> {
        let mut files = service.policy.files.clone();
        files.extend(self.policies.iter().cloned());
        files.extend(self.as_file());
        PolicySet::load_with(read_policies(&files)?, &service.models).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Failure::new(format!("the policies cannot be used:\n  {}", lines.join("\n  ")))
        })
    }

    /// True when the caller named one, or a service that has one.
    pub(super) fn is_named(&self) -> bool {
        self.policy.is_some() || self.service.config.is_some()
    }

    fn as_file(&self) -> Option<PathBuf> {
        let named = self.policy.as_deref();
        named.filter(|name| name.ends_with(".yaml") || name.ends_with(".yml")).map(PathBuf::from)
    }

    fn chosen(&self, set: &PolicySet, default: &str) -> Result<String, Failure> {
        let name = self.policy.as_deref().unwrap_or(default);
        if self.as_file().is_none() {
            return Ok(name.to_owned());
        }
        let own = set.iter().find(|policy| policy.file() == name);
        own.map(|policy| policy.name().to_string())
            .ok_or_else(|| Failure::new(format!("{name} is given twice")))
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
