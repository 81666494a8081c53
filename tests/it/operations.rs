//! What operators look at: alert rules, dashboards, the collector, and the page that explains them. All of it speaks of
//! metrics that exist, and Prometheus's own tool plays the rules through.

use prompt_guard::telemetry::metrics::{ALL, Kind, process};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const RULES: &str = "deploy/prometheus/alerts.yml";
const PAGE: &str = "docs/OPERATIONS.md";

fn promtool(arguments: &[&str]) {
    let output = Command::new("promtool").args(arguments).output();
    let output = output.expect("promtool is missing; ./tests/prepare installs it");
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
    assert!(output.status.success(), "{}", said.concat());
}

#[test]
fn alert_rules_are_well_formed_and_fire_when_they_should() {
    promtool(&["check", "rules", RULES]);
    promtool(&["test", "rules", "deploy/prometheus/alerts.test.yml"]);
    promtool(&["check", "config", "--syntax-only", "deploy/prometheus/prometheus.yml"]);
}

/// Every name under which a metric of ours can be asked for.
fn askable() -> BTreeSet<String> {
    let ours = ALL.iter().map(|metric| (metric.name, metric.kind));
    let process = process::ALL.iter().map(|figure| (figure.name, figure.kind));
    let names = |(name, kind): (&str, Kind)| match kind {
        Kind::Counter | Kind::Gauge => vec![name.to_owned()],
        Kind::Histogram => ["bucket", "sum", "count"].map(|it| format!("{name}_{it}")).to_vec(),
    };
    ours.chain(process).flat_map(names).collect()
}

/// The metrics that a text speaks of, those of recorded rules included.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = text.split(|c| !is_part(c));
    let ours = |word: &&str| {
        // A metric of the conventions, not a label of theirs.
        let is_conventional = word.starts_with("gen_ai_client_");
        is_conventional || word.contains("prompt_guard_") || word.starts_with("process_")
    };
    words.filter(ours).map(str::to_owned).collect()
}

fn yaml(path: impl AsRef<Path>) -> Value {
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn rules() -> Vec<Value> {
    let groups = yaml(RULES)["groups"].as_array().unwrap().clone();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

fn recorded() -> BTreeSet<String> {
    rules().iter().filter_map(|rule| Some(rule["record"].as_str()?.to_owned())).collect()
}

#[test]
fn alert_rules_name_only_metrics_that_exist() {
    let known: BTreeSet<String> = askable().union(&recorded()).cloned().collect();
    for rule in rules() {
        let unknown: Vec<String> =
            named(rule["expr"].as_str().unwrap()).difference(&known).cloned().collect();
        assert!(unknown.is_empty(), "{rule} names {unknown:?}");
    }
}

fn dashboards() -> BTreeMap<PathBuf, Value> {
    let files = fs::read_dir("deploy/grafana/dashboards").unwrap();
    let read = |path: PathBuf| {
        let board = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (path, board)
    };
    files.map(|entry| read(entry.unwrap().path())).collect()
}

/// Every `expr` and `query` of a dashboard.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_expression = name == "expr" || name == "query";
                match value.as_str().filter(|_| is_expression) {
                    Some(text) => found.push(text.to_owned()),
                    None => expressions(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

#[test]
fn dashboards_name_only_metrics_that_exist_and_leave_none_out() {
    let boards = dashboards();
    assert_eq!(boards.len(), 4, "overview, upstreams, findings, capacity");
    let known = askable();
    let mut shown = BTreeSet::new();
    for (path, board) in &boards {
        let mut found = Vec::new();
        expressions(board, &mut found);
        let named: BTreeSet<String> = found.iter().flat_map(|text| named(text)).collect();
        let unknown: Vec<_> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "{} names {unknown:?}", path.display());
        shown.extend(named);
    }
    for metric in ALL {
        let is_shown = shown.iter().any(|name| name.starts_with(metric.name));
        assert!(is_shown, "no dashboard shows {}", metric.name);
    }
}

#[test]
fn dashboards_can_be_provisioned_together() {
    let boards = dashboards();
    let uids: BTreeSet<&str> =
        boards.values().map(|board| board["uid"].as_str().unwrap()).collect();
    assert_eq!(uids.len(), boards.len(), "each has an id of its own");
    for (path, board) in &boards {
        let panels = board["panels"].as_array().unwrap();
        let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
        assert_eq!(ids.len(), panels.len(), "{}: panel ids", path.display());
        let mut taken = BTreeSet::new();
        for panel in panels {
            let [x, y, w, h] =
                ["x", "y", "w", "h"].map(|side| panel["gridPos"][side].as_u64().unwrap());
            assert!(x + w <= 24, "{}: {} is too wide", path.display(), panel["title"]);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                assert!(
                    taken.insert(cell),
                    "{}: {} covers another",
                    path.display(),
                    panel["title"]
                );
            }
        }
    }
    yaml("deploy/grafana/provisioning/dashboards/prompt-guard.yaml");
    yaml("deploy/grafana/provisioning/datasources/prometheus.yaml");
}

#[test]
fn the_page_lists_every_metric_as_it_is() {
    let page = fs::read_to_string(PAGE).unwrap();
    let ours = ALL.iter().map(|metric| (metric.name, metric.kind, metric.help));
    let process = process::ALL.iter().map(|figure| (figure.name, figure.kind, figure.help));
    let mut rows = 0;
    for (name, kind, help) in ours.chain(process) {
        let kind = format!("{kind:?}").to_lowercase();
        let row = format!("| `{name}` | {kind} | {help} |");
        assert!(page.lines().any(|line| line == row), "{PAGE} lacks the row\n{row}");
        rows += 1;
    }
    let listed = page.lines().filter(|line| {
        let ours = ["| `prompt_guard_", "| `gen_ai_", "| `process_"];
        ours.iter().any(|start| line.starts_with(start))
    });
    assert_eq!(listed.count(), rows, "{PAGE} lists metrics that do not exist");
}

#[test]
fn every_alert_has_a_severity_and_a_runbook() {
    let page = fs::read_to_string(PAGE).unwrap();
    let headings = page.lines().filter_map(|line| line.strip_prefix("### "));
    let headings: BTreeSet<String> = headings.map(str::to_lowercase).collect();
    for rule in rules().iter().filter(|rule| rule["alert"].is_string()) {
        let severity = rule["labels"]["severity"].as_str().unwrap();
        assert!(["warning", "critical"].contains(&severity), "{rule}");
        let link = rule["annotations"]["runbook_url"].as_str().unwrap();
        let (file, anchor) = link.split_once('#').unwrap();
        assert!(file == PAGE && headings.contains(anchor), "{link} leads nowhere");
        let alert = rule["alert"].as_str().unwrap();
        assert!(page.contains(&format!("`{alert}`")), "{PAGE} does not speak of {alert}");
    }
}

#[test]
fn the_runbook_points_at_panels_that_are_there() {
    let mut shown = BTreeSet::new();
    for board in dashboards().values() {
        for panel in board["panels"].as_array().unwrap() {
            let series = panel["targets"].as_array().into_iter().flatten();
            let names = series.map(|target| &target["legendFormat"]).chain([&panel["title"]]);
            shown.extend(names.filter_map(Value::as_str).map(str::to_owned));
        }
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let (_, runbook) = page.split_once("\n## Alerts and runbook\n").unwrap();
    let (runbook, _) = runbook.split_once("\n## ").unwrap();
    let words = runbook.split_whitespace().collect::<Vec<_>>().join(" ");
    let named: Vec<&str> = words.split('*').skip(1).step_by(2).collect();
    assert!(named.len() > 5, "{named:?}");
    for panel in named {
        assert!(shown.contains(panel), "{PAGE} speaks of *{panel}*, which no dashboard shows");
    }
}

#[test]
fn the_collectors_pipelines_use_what_it_defines() {
    let config = yaml("deploy/otel-collector/config.yaml");
    let pipelines = config["service"]["pipelines"].as_object().unwrap();
    let signals: BTreeSet<&str> = pipelines.keys().map(String::as_str).collect();
    assert_eq!(signals, BTreeSet::from(["logs", "metrics", "traces"]));
    for part in ["receivers", "processors", "exporters"] {
        for pipeline in pipelines.values() {
            for name in pipeline[part].as_array().unwrap() {
                let name = name.as_str().unwrap();
                assert!(config[part].get(name).is_some(), "{part} has no {name}");
            }
        }
    }
}
