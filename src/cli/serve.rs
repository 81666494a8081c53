//! `serve`, `demo` and `check-config`: the commands that read the configuration of the service.

use super::{Failure, Status};
use crate::{
    app::{self, Source, StopSignal, demo, load_models},
    config::{Config, Everything, Fault},
    redact::Keys,
    telemetry,
};
use clap::Args;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::Write,
    path::PathBuf,
    time::Duration,
};
use tokio::runtime::Runtime;

/// How long the last telemetry may take to be sent at a stop.
const FLUSH: Duration = Duration::from_secs(3);

/// Where the demo model can be reached in the demo's configuration.
const DEMO_UPSTREAM: &str = "demo";

/// Flags for the settings of the service. Every other setting can be given with `--set`.
///
/// `Debug` tells no value: `--redis-url` and `--set` may hold secrets.
#[derive(Args, Clone, Default)]
pub struct Settings {
    /// Configuration file (YAML) [env: PROMPT_GUARD_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to serve on [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Name and origin of a provider; `/v1/…` is appended. May be repeated
    #[arg(long, value_name = "NAME=BASE_URL")]
    upstream: Vec<String>,
    /// Policy for calls that name none [default: default_pii]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Policy file, or folder of policy files. May be repeated
    #[arg(long, value_name = "PATH")]
    policies: Vec<String>,
    /// Redis for state that replicas share
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
    /// Any setting by its key in the configuration file, such as `cache.mode=off`. May be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(…)")
    }
}

/// Serves until a signal asks to stop, then drains.
pub(super) fn serve(
    settings: &Settings,
    environment: Environment,
    out: &mut dyn Write,
) -> Result<Status, Failure> {
    let config = settings.config(environment)?;
    runtime()?.block_on(async {
        let telemetry = telemetry::init(&config.telemetry).map_err(Failure::of)?;
        let mut stop = StopSignal::listen()?;
        let running =
            app::start(&config, Some(telemetry.metrics().clone())).await.map_err(Failure::of)?;
        // A courtesy to people: the log says it too, and a full disk is no reason not to serve.
        let told = writeln!(out, "listening on http://{}", running.address());
        if let Err(error) = told.and_then(|()| out.flush()) {
            tracing::warn!(%error, "the address cannot be written to the standard output");
        }
        stop.received().await;
        running.drain(stop.received()).await;
        tokio::select! {
            () = telemetry.shutdown(FLUSH) => (),
            () = stop.received() => (),
        }
        Ok(Status::Served)
    })
}

/// Shows a prompt before, behind and after the guard, then serves in front of the demo model.
pub(super) fn demo(
    settings: &Settings,
    environment: Environment,
    once: bool,
    out: &mut dyn Write,
) -> Result<Status, Failure> {
    runtime()?.block_on(async {
        let model = demo::Model::start().await?;
        let mut settings = settings.clone();
        settings.upstream.push(format!("{DEMO_UPSTREAM}={}", model.url()));
        settings.set.push(format!("upstream.default={DEMO_UPSTREAM}"));
        let config = settings.config(environment)?;
        let telemetry = telemetry::init(&config.telemetry).map_err(Failure::of)?;
        let running =
            app::start(&config, Some(telemetry.metrics().clone())).await.map_err(Failure::of)?;
        demo::show(running.address(), &model, out).await.map_err(Failure::of)?;
        let mut stop = StopSignal::listen()?;
        if !once {
            writeln!(out, "\nlistening on http://{}", running.address())?;
            out.flush()?;
            stop.received().await;
        }
        running.drain(stop.received()).await;
        telemetry.shutdown(FLUSH).await;
        Ok(Status::Done)
    })
}

/// Reads and checks everything that `serve` would, and starts nothing.
pub(super) fn check_config(
    settings: &Settings,
    environment: Environment,
    out: &mut dyn Write,
) -> Result<Status, Failure> {
    let config = settings.config(environment)?;
    let models = load_models(&config.models).map_err(Failure::of)?;
    let engine = Source::new(config.policy.clone(), models, Keys::derive(b"only for checking"))
        .load()
        .map_err(Failure::of)?;
    let upstreams: Vec<&str> =
        config.upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    writeln!(out, "the configuration is valid")?;
    writeln!(out, "  listen:    {}", config.server.listen)?;
    writeln!(
        out,
        "  upstreams: {}",
        if upstreams.is_empty() { "none".to_owned() } else { upstreams.join(", ") }
    )?;
    writeln!(
        out,
        "  policies:  {} ({} by default)",
        engine.summaries().len(),
        config.policy.default
    )?;
    let state = config.redis.as_ref().map_or("in process", |redis| redis.kind.name());
    writeln!(out, "  state:     {state}")?;
    Ok(Status::Done)
}

/// The process environment, as a map: tests make their own.
pub type Environment = BTreeMap<String, String>;

impl Settings {
    /// What a configuration file says, and the environment.
    pub(super) fn of_file(config: PathBuf) -> Self {
        Self { config: Some(config), ..Self::default() }
    }

    /// All that was said, checked.
    pub(super) fn config(&self, mut environment: Environment) -> Result<Config, Failure> {
        let mut said = Everything::default();
        let mut faults = Vec::new();
        let named = environment.remove("PROMPT_GUARD_CONFIG").map(PathBuf::from);
        if let Some(path) = self.config.as_ref().or(named.as_ref()) {
            faults.extend(add_file(&mut said, path).err());
        }
        said.add_environment(environment);
        self.add_flags(&mut said, &mut faults);
        Config::from_said_and(said, faults).map_err(Failure::of)
    }

    fn add_flags(&self, said: &mut Everything, faults: &mut Vec<Fault>) {
        let single = [
            ("--listen", "server.listen", &self.listen),
            ("--policy", "policy.default", &self.policy),
            ("--redis-url", "redis.url", &self.redis_url),
        ];
        for (flag, key, value) in single {
            if let Some(value) = value {
                said.add_flag(flag, key, value);
            }
        }
        if !self.policies.is_empty() {
            said.add_flag("--policies", "policy.files", self.policies.join(","));
        }
        let mut names = BTreeSet::new();
        for upstream in &self.upstream {
            match upstream.split_once('=') {
                Some((name, _)) if !names.insert(name) => faults.push(Fault::new(
                    "--upstream",
                    format!("names the upstream {name} twice"),
                    "give each a name of its own, or several URLs of one by --set upstreams.NAME.base_urls=URL,URL",
                )),
                Some((name, url)) => {
                    said.add_flag("--upstream", format!("upstreams.{name}.base_url"), url)
                }
                None => faults.push(Fault::new(
                    "--upstream",
                    "has no `=`",
                    "write NAME=BASE_URL, such as openai=https://api.openai.com",
                )),
            }
        }
        // The first one named is the default, unless something else is said.
        if let Some((name, _)) = self.upstream.first().and_then(|upstream| upstream.split_once('='))
        {
            said.add_default("--upstream", "upstream.default", name);
        }
        for setting in &self.set {
            match setting.split_once('=') {
                Some((key, value)) => said.add_flag("--set", key, value),
                None => faults.push(Fault::new(
                    "--set",
                    "has no `=`",
                    "write KEY=VALUE, such as cache.mode=off",
                )),
            }
        }
    }
}

fn add_file(said: &mut Everything, path: &std::path::Path) -> Result<(), Fault> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| {
        Fault::new(&name, format!("cannot be read: {error}"), "name a readable file")
    })?;
    said.add_file(&name, &text)
}

fn runtime() -> Result<Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_that_is_named_twice_is_a_fault() {
        let of = |upstreams: [&str; 2]| {
            let upstream = upstreams.map(str::to_owned).to_vec();
            Settings { upstream, ..Settings::default() }.config(Environment::new())
        };
        let fault = of(["a=http://one.example", "a=http://two.example"]).unwrap_err().to_string();
        assert!(
            fault.contains("names the upstream a twice") && fault.contains("base_urls"),
            "{fault}"
        );
        assert!(of(["a=http://one.example", "b=http://two.example"]).is_ok());
    }
}
