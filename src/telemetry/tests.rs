//! Telemetry as the rest of the crate meets it.

use super::{metrics::ALL, *};
use std::{
    collections::BTreeSet,
    fs, io,
    path::Path,
    sync::{Arc, Mutex},
};

/// Every name that the source hands to a macro of `metrics`, outside of tests.
fn names_in_source(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            names_in_source(&path, names);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let ours = text.match_indices("\"prompt_guard_");
            for (at, _) in ours.chain(text.match_indices("\"gen_ai_")) {
                let before = text[..at].trim_end();
                if ["counter!(", "gauge!(", "histogram!("].iter().any(|m| before.ends_with(m)) {
                    names.insert(text[at + 1..].split('"').next().unwrap().to_owned());
                }
            }
        }
    }
}

#[test]
fn the_table_holds_the_metrics_of_the_source_and_no_others() {
    let mut names = BTreeSet::new();
    names_in_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let known: BTreeSet<String> = ALL.iter().map(|metric| metric.name.to_owned()).collect();
    assert_eq!(known.len(), ALL.len(), "a name is there twice");
    let missing: Vec<_> = names.difference(&known).collect();
    assert!(missing.is_empty(), "not in telemetry::metrics::ALL: {missing:?}");
    let stale: Vec<_> = known.difference(&names).collect();
    assert!(stale.is_empty(), "in telemetry::metrics::ALL and reported by nobody: {stale:?}");
}

#[test]
fn names_tell_kind_and_unit() {
    for metric in ALL {
        let is_counter = metric.kind == metrics::Kind::Counter;
        assert_eq!(metric.name.ends_with("_total"), is_counter, "{}", metric.name);
        let is_histogram = metric.kind == metrics::Kind::Histogram;
        // Of the conventions' metrics the unit is told apart, and so need not be in the name.
        let is_plain = metric.convention.is_some_and(|(_, unit)| unit != "s");
        assert_eq!(metric.name.ends_with("_seconds"), is_histogram && !is_plain, "{}", metric.name);
        assert_eq!(metric.bounds.is_empty(), !is_histogram, "{}", metric.name);
        assert!(metric.bounds.is_sorted(), "{}", metric.name);
    }
}

#[test]
fn metrics_are_rendered_with_buckets_from_a_tenth_of_a_millisecond_to_a_minute() {
    Metrics::install().unwrap();
    ::metrics::histogram!("prompt_guard_call_duration_seconds", "facade" => "test", "task" => "t")
        .record(0.0003);
    let text = Metrics::install().unwrap().render();
    for line in [
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="0.0002"} 0"#,
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="0.0005"} 1"#,
        r#"prompt_guard_call_duration_seconds_bucket{facade="test",task="t",le="60"} 1"#,
        "# TYPE prompt_guard_call_duration_seconds histogram",
        "# HELP prompt_guard_call_duration_seconds From arrival to the end of the body; labels: facade, task, surface",
        concat!("prompt_guard_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_setting_lets_other_crates_log_below_info() {
    let written = Lines::default();
    let writer = written.clone();
    let layer = logs::layer(LogFormat::Json, "trace", move || writer.clone()).unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::debug!(target: "h2::frame", "secret");
        tracing::debug!(target: "prompt_guardian", "secret");
        tracing::info!(target: "h2::frame", "told-1");
        tracing::trace!("told-2");
    });
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("told-1") && text.contains("told-2"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_filter_that_cannot_be_read_is_an_error() {
    let config = TelemetryConfig {
        log_filter: "prompt_guard=loud".to_owned(),
        ..TelemetryConfig::default()
    };
    assert!(matches!(init(&config), Err(Error::Filter(_))));
}

#[test]
fn a_word_of_a_filter_that_is_no_level_is_a_fault() {
    for (filter, wrong) in [
        ("verbose", Some("verbose")),
        ("info,loud", Some("loud")),
        ("WARN,prompt_guard=debug,h2=info", None),
        ("off,prompt_guard", None),
    ] {
        let config =
            TelemetryConfig { log_filter: filter.to_owned(), ..TelemetryConfig::default() };
        let faults: Vec<String> = config.faults().iter().map(ToString::to_string).collect();
        let expected = wrong.map(|word| format!("`{word}` in the log filter is no level"));
        assert_eq!(faults.len(), usize::from(wrong.is_some()), "{filter}");
        assert!(expected.is_none_or(|it| faults[0].starts_with(&it)), "{filter}: {faults:?}");
    }
}
