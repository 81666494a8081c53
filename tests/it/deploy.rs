//! How the service is brought out: container file, compose, Kubernetes, Redis, workflows. Each speaks of settings, ports,
//! files and commands that exist, and they agree with each other.

use crate::support::{authority::Authority, folder::Folder};
use prompt_guard::config::{Config, Everything};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

fn text(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

fn compose() -> Value {
    yaml(&text("deploy/compose.yaml"))
}

/// All objects of the manifests, by kind and name.
fn objects() -> BTreeMap<(String, String), Value> {
    let mut objects = BTreeMap::new();
    for entry in fs::read_dir("deploy/kubernetes").unwrap() {
        for document in text(entry.unwrap().path()).split("\n---\n") {
            let object = yaml(document);
            assert!(object["apiVersion"].is_string(), "{document}");
            let key = [&object["kind"], &object["metadata"]["name"]];
            let key = key.map(|it| it.as_str().unwrap().to_owned()).into();
            assert!(objects.insert(key, object).is_none(), "it is there twice: {document}");
        }
    }
    objects
}

fn object(kind: &str, name: &str) -> Value {
    objects()[&(kind.to_owned(), name.to_owned())].clone()
}

/// What these settings mean. The secrets that they name are read from a folder in place of `/run/secrets`.
#[track_caller]
fn config(file: &str, environment: &[(&str, &str)]) -> Config {
    let folder = Folder::new();
    Authority::over(&["redis.internal"]).write(Path::new(&folder.path("")));
    let secrets = [
        ("/run/secrets/prompt-guard/secret", folder.write("secret", &"ab".repeat(32))),
        ("/run/secrets/redis/password", folder.write("password", "hush")),
        ("/run/secrets/redis/ca.pem", folder.path("ca.pem")),
        ("/run/secrets/redis/guard.pem", folder.path("cert.pem")),
        ("/run/secrets/redis/guard.key", folder.path("key.pem")),
    ];
    let file =
        secrets.iter().fold(file.to_owned(), |file, (there, here)| file.replace(there, here));
    let mut said = Everything::default();
    said.add_file("config.yaml", &file).unwrap();
    let environment = environment.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    said.add_environment(environment);
    Config::from_said(said).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The settings in the manifests of Kubernetes, with the variables of the container.
fn config_in_kubernetes() -> Config {
    let map = object("ConfigMap", "prompt-guard");
    let pod = object("Deployment", "prompt-guard")["spec"]["template"]["spec"].clone();
    let variables = pod["containers"][0]["env"].as_array().unwrap();
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .filter_map(|it| Some((it["name"].as_str().unwrap(), it["value"].as_str()?)))
        .collect();
    config(map["data"]["config.yaml"].as_str().unwrap(), &variables)
}

/// The settings in the environment of a container of compose, with what is said of the caller's own variables.
fn config_in_compose() -> Config {
    let service = compose()["services"]["prompt-guard"].clone();
    let environment = service["environment"].as_object().unwrap();
    let variables: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| match value.as_str().unwrap() {
            "${UPSTREAM_URL:-https://api.openai.com}" => (name.as_str(), "https://api.openai.com"),
            text if text.starts_with("${PROMPT_GUARD_SECRET:?") => (name.as_str(), SECRET),
            text => (name.as_str(), text),
        })
        .collect();
    config("", &variables)
}

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn the_settings_of_every_example_of_redis_can_be_used() {
    let mut kinds = BTreeSet::new();
    for entry in fs::read_dir("deploy/redis").unwrap() {
        let config = config(&text(entry.unwrap().path()), &[]);
        kinds.insert(config.redis.unwrap().kind.name());
    }
    assert_eq!(kinds, BTreeSet::from(["Redis", "Redis Cluster", "Redis by Sentinel"]));
}

#[test]
fn compose_and_kubernetes_share_state_and_send_what_is_seen_to_the_collector() {
    for config in [config_in_compose(), config_in_kubernetes()] {
        assert!(config.redis.is_some() && config.secret.is_some());
        assert_eq!(config.upstreams[0].name, "openai");
        let otlp = format!("{:?}", config.telemetry.otlp);
        assert!(otlp.contains("http://otel-collector:4317"), "{otlp}");
    }
    let collector = yaml(&text("deploy/otel-collector/config.yaml"));
    let receiver = &collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"];
    assert_eq!(receiver, "0.0.0.0:4317");
}

#[test]
fn whoever_asks_for_health_or_metrics_asks_the_admin_port() {
    let config = config_in_compose();
    let admin = config.server.admin_listen.unwrap().port();
    assert_eq!(config_in_kubernetes().server.admin_listen.unwrap().port(), admin);
    let check = compose()["services"]["prompt-guard"]["healthcheck"]["test"].clone();
    assert_eq!(check[3], format!("127.0.0.1:{admin}"));
    let prometheus = yaml(&text("deploy/prometheus/prometheus.yml"));
    let target = &prometheus["scrape_configs"][0]["static_configs"][0]["targets"][0];
    assert_eq!(target, &format!("prompt-guard:{admin}"));
    let pod = object("Deployment", "prompt-guard")["spec"]["template"].clone();
    let annotations = &pod["metadata"]["annotations"];
    assert_eq!(annotations["prometheus.io/port"], admin.to_string());
    let exposed = format!("EXPOSE {} {admin}\n", config.server.listen.port());
    assert!(text("deploy/Containerfile").contains(&exposed), "{exposed}");
}

#[test]
fn the_ports_of_the_pod_are_those_of_its_settings() {
    let server = config_in_kubernetes().server;
    let pod = object("Deployment", "prompt-guard")["spec"]["template"]["spec"].clone();
    let container = &pod["containers"][0];
    let ports = container["ports"].as_array().unwrap();
    let ports: BTreeMap<&str, u64> = ports
        .iter()
        .map(|port| (port["name"].as_str().unwrap(), port["containerPort"].as_u64().unwrap()))
        .collect();
    let (guard, admin) = (server.listen.port(), server.admin_listen.unwrap().port());
    assert_eq!(ports, BTreeMap::from([("guard", guard.into()), ("admin", admin.into())]));
    for probe in ["startupProbe", "readinessProbe"] {
        assert_eq!(container[probe]["grpc"]["port"], guard, "{probe}");
    }
    assert_eq!(container["livenessProbe"]["httpGet"]["port"], "admin");
    let service = object("Service", "prompt-guard");
    assert_eq!(service["spec"]["ports"][0]["targetPort"], "guard");
}

#[test]
fn kubernetes_waits_for_the_whole_drain_before_it_kills() {
    let server = config_in_kubernetes().server;
    let pod = object("Deployment", "prompt-guard")["spec"]["template"]["spec"].clone();
    let grace = Duration::from_secs(pod["terminationGracePeriodSeconds"].as_u64().unwrap());
    assert!(grace > server.drain_delay + server.drain, "{grace:?}");
}

#[test]
fn every_file_that_a_setting_of_the_pod_names_is_mounted() {
    let map = object("ConfigMap", "prompt-guard")["data"].clone();
    let pod = object("Deployment", "prompt-guard")["spec"]["template"]["spec"].clone();
    let container = &pod["containers"][0];
    let mounts = container["volumeMounts"].as_array().unwrap();
    let arguments = container["args"].as_array().unwrap();
    let settings = map["config.yaml"].as_str().unwrap();
    let files = arguments.iter().map(|it| it.as_str().unwrap()).chain(settings.split_whitespace());
    for file in files.filter(|word| word.starts_with('/')) {
        let mount = mounts.iter().find(|it| file.starts_with(it["mountPath"].as_str().unwrap()));
        let name = &mount.unwrap_or_else(|| panic!("{file} is not mounted"))["name"];
        let volumes = pod["volumes"].as_array().unwrap();
        assert!(volumes.iter().any(|volume| volume["name"] == *name), "{name}");
    }
}

#[test]
fn manifests_select_what_they_describe_and_give_no_rights_away() {
    let objects = objects();
    let deployments = objects.values().filter(|it| it["kind"] == "Deployment");
    for deployment in deployments {
        let spec = &deployment["spec"];
        let (pod, name) = (&spec["template"], &deployment["metadata"]["name"]);
        assert_eq!(spec["selector"]["matchLabels"], pod["metadata"]["labels"], "{name}");
        assert_eq!(pod["spec"]["securityContext"]["runAsNonRoot"], true, "{name}");
        let container = &pod["spec"]["containers"][0]["securityContext"];
        assert_eq!(container["readOnlyRootFilesystem"], true, "{name}");
        assert_eq!(container["allowPrivilegeEscalation"], false, "{name}");
    }
    for kind in ["PodDisruptionBudget", "Service"] {
        let selector = &object(kind, "prompt-guard")["spec"]["selector"];
        let labels = selector.get("matchLabels").unwrap_or(selector);
        assert_eq!(labels["app.kubernetes.io/name"], "prompt-guard", "{kind}");
    }
    let scaled = &object("HorizontalPodAutoscaler", "prompt-guard")["spec"]["scaleTargetRef"];
    assert_eq!(scaled["name"], "prompt-guard");
}

#[test]
fn compose_mounts_what_is_there() {
    let compose = compose();
    let services = compose["services"].as_object().unwrap();
    for service in ["prompt-guard", "redis", "otel-collector", "prometheus", "grafana"] {
        assert!(services.contains_key(service), "{service}");
    }
    let volumes = services.values().filter_map(|service| service["volumes"].as_array()).flatten();
    for volume in volumes.map(|volume| volume.as_str().unwrap()) {
        let (source, _) = volume.split_once(':').unwrap();
        let there = match source.strip_prefix("./") {
            Some(path) => Path::new("deploy").join(path).exists(),
            None => compose["volumes"].get(source).is_some(),
        };
        assert!(there, "{volume}");
    }
}

#[test]
fn the_container_is_built_by_the_oldest_compiler_that_is_promised() {
    let manifest = text("Cargo.toml");
    let promised = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let promised = promised.unwrap().trim_matches('"');
    let container = text("deploy/Containerfile");
    assert!(container.contains(&format!("FROM rust:{promised}-")), "{promised}");
    assert!(text("README.md").contains(&format!("Rust {promised} or later")), "{promised}");
}

#[test]
fn the_examples_of_settings_on_the_pages_can_be_used() {
    let block = |page: &str, holds: &str| {
        let page = text(page);
        let mut blocks = page.split("```yaml\n").skip(1).filter_map(|it| it.split("```").next());
        let found = blocks.find(|block| block.contains(holds));
        found.unwrap_or_else(|| panic!("no example with {holds}")).to_owned()
    };
    let example = config(&block("docs/CONFIGURATION.md", "secret_file:"), &[]);
    assert!(example.secret.is_some() && example.redis.is_some());
    let with_model = block("docs/POLICIES.md", "models: clinical");
    let (settings, policy) = with_model.split_once("---\n").unwrap();
    assert_eq!(config(settings, &[]).models.models[0].name, yaml(policy)["models"]);
}
