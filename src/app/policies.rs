//! The policies in force: read at the start, and again at a hang-up signal or when a policy file has changed.
//!
//! A broken file keeps the old policies in force and says so: a guard must not lose its rules to a typing error.

use crate::{
    config::PolicyConfig,
    detect::Model,
    engine::Engine,
    model::{self, ModelsConfig},
    policy::PolicySet,
    redact::Keys,
    stack::guard::SharedEngine,
};
use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    signal::unix::Signal,
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tracing::{error, info};

/// How often the files are looked at for changes.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// When each policy file was last changed.
pub(super) type Stamps = BTreeMap<PathBuf, Stamp>;

/// Which file it is, its rights, and the seconds and nanoseconds of its last change. The time of its content alone would miss one that
/// becomes readable, and one that is moved there with an old time.
pub(super) type Stamp = (u64, u32, i64, i64);

/// Where policies come from and what they need.
#[derive(Clone, Debug)]
pub struct Source {
    config: PolicyConfig,
    models: Vec<Arc<dyn Model>>,
    keys: Keys,
}

/// Loads the models that policies may name. They stay as they are until the process ends.
///
/// # Errors
/// All faults at once.
pub fn load_models(config: &ModelsConfig) -> Result<Vec<Arc<dyn Model>>, ModelFaults> {
    model::load(config)
        .map_err(|faults| ModelFaults(faults.iter().map(ToString::to_string).collect()))
}

/// Why models could not be loaded: one line for each fault.
#[derive(Debug, thiserror::Error)]
#[error("the models cannot be used:{}", lines(.0))]
pub struct ModelFaults(Vec<String>);

/// Why policies could not be loaded: one line for each fault.
#[derive(Debug, thiserror::Error)]
#[error("the policies cannot be used:{}", lines(.0))]
pub struct PolicyFaults(Vec<String>);

fn lines(faults: &[String]) -> String {
    faults.iter().map(|fault| format!("\n  {fault}")).collect()
}

impl Source {
    /// The built-in policies and those of the configured files, which may name `models`; `keys` are for keyed operators.
    pub fn new(config: PolicyConfig, models: Vec<Arc<dyn Model>>, keys: Keys) -> Self {
        Self { config, models, keys }
    }

    /// Reads and checks all policies.
    ///
    /// # Errors
    /// All faults at once.
    pub fn load(&self) -> Result<Engine, PolicyFaults> {
        let files = read_policy_files(&self.config.files)?;
        let policies = PolicySet::load_with(files, &self.models)
            .map_err(|faults| PolicyFaults(faults.iter().map(ToString::to_string).collect()))?;
        let engine = Engine::new(policies, &self.config.default, self.keys.clone())
            .map_err(|fault| PolicyFaults(vec![fault.to_string()]))?;
        engine.warm_up();
        Ok(engine)
    }

    /// When each file was last changed; files that cannot be read are left out, `load` reports them. To be asked before
    /// they are loaded: what changes in between is then seen as a change.
    pub(super) fn stamps(&self) -> Stamps {
        let paths = self.config.files.iter().filter_map(|named| policy_files(named).ok()).flatten();
        paths.filter_map(|path| stamp(&path).map(|stamp| (path, stamp))).collect()
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some((file.ino(), file.mode(), file.ctime(), file.ctime_nsec()))
}

/// Reads policy files; of folders the `.yaml` and `.yml` files, in order of name. Gives each with its path.
///
/// # Errors
/// A fault for each file or folder that cannot be read.
pub fn read_policy_files(named: &[PathBuf]) -> Result<Vec<(String, String)>, PolicyFaults> {
    let (mut texts, mut faults) = (Vec::new(), Vec::new());
    for named in named {
        let paths = policy_files(named).unwrap_or_else(|error| {
            faults.push(unreadable(named, &error));
            Vec::new()
        });
        for path in paths {
            match fs::read_to_string(&path) {
                Ok(text) => texts.push((path.display().to_string(), text)),
                Err(error) => faults.push(unreadable(&path, &error)),
            }
        }
    }
    if faults.is_empty() { Ok(texts) } else { Err(PolicyFaults(faults)) }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be read: {error}; name a readable file or folder", path.display())
}

/// The file itself, or the policy files of a folder by name.
fn policy_files(named: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(named)?.is_dir() {
        return Ok(vec![named.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(named)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Keeps `engine`, which was loaded from files with the stamps `seen`, up to date until `stopped` turns true.
pub(super) async fn keep_fresh(
    source: Source,
    engine: SharedEngine,
    mut seen: Stamps,
    mut hang_up: Signal,
    mut stopped: watch::Receiver<bool>,
) {
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = hang_up.recv() => true,
            _ = look.tick() => false,
        };
        let Some(now) = apart(&source, &engine, |source, _| source.stamps()).await else {
            continue;
        };
        if asked || now != seen {
            seen = now;
            apart(&source, &engine, reload).await;
        }
    }
}

/// Does work on a thread that may block: a slow disk or many patterns to compile must not hold back calls. `None` if it
/// panicked, which the log has told; the old policies stay in force then as well.
async fn apart<T: Send + 'static>(
    source: &Source,
    engine: &SharedEngine,
    work: fn(&Source, &SharedEngine) -> T,
) -> Option<T> {
    let (source, engine) = (source.clone(), Arc::clone(engine));
    tokio::task::spawn_blocking(move || work(&source, &engine)).await.ok()
}

fn reload(source: &Source, engine: &SharedEngine) {
    match source.load() {
        Ok(fresh) => {
            engine.store(Arc::new(fresh));
            info!("policies reloaded");
        }
        Err(faults) => error!(%faults, "policies not reloaded; the old ones stay in force"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{os::unix::fs::PermissionsExt as _, time::SystemTime};

    fn stamps(folder: &Path) -> Stamps {
        let config = PolicyConfig { files: vec![folder.to_owned()], ..PolicyConfig::default() };
        Source::new(config, Vec::new(), Keys::derive(b"test")).stamps()
    }

    /// Changes of a file that leave the time of its content alone.
    #[track_caller]
    fn check(name: &str, change: impl Fn(&Path)) {
        let folder =
            std::env::temp_dir().join(format!("prompt-guard-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("own.yaml");
        fs::write(&file, "name: own").unwrap();
        fs::File::open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let before = stamps(&folder);
        change(&file);
        let after = stamps(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((before.len(), after.len()), (1, 1));
        assert_ne!(before, after);
    }

    #[test]
    fn a_file_that_becomes_readable_counts_as_changed() {
        check("rights", |file| {
            fs::set_permissions(file, fs::Permissions::from_mode(0o640)).unwrap();
        });
    }

    #[test]
    fn another_file_with_the_same_time_counts_as_changed() {
        check("moved", |file| {
            let other = file.with_extension("other");
            fs::write(&other, "name: odd").unwrap();
            fs::File::open(&other).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
            fs::rename(&other, file).unwrap();
        });
    }
}
