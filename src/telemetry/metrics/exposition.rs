//! The text of `/metrics`, in Prometheus's exposition format 0.0.4.

use super::{
    process::Figure,
    registry::{Reading, Value},
    table::{Kind, Metric},
};
use metrics::Label;
use std::fmt::Write as _;

/// Writes all metrics, then what the process uses.
pub(super) fn text(readings: &[Reading], figures: &[Figure]) -> String {
    let mut text = String::with_capacity(64 << 10);
    for reading in readings {
        let metric = reading.metric;
        head(&mut text, metric.name, metric.kind, metric.help);
        for (labels, value) in &reading.series {
            series(&mut text, metric, labels, value);
        }
    }
    for figure in figures {
        head(&mut text, figure.name, figure.kind, figure.help);
        line(&mut text, figure.name, "", figure.value);
    }
    text
}

fn head(text: &mut String, name: &str, kind: Kind, help: &str) {
    let kind = match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram => "histogram",
    };
    // Writing to a string cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn series(text: &mut String, metric: &Metric, labels: &[Label], value: &Value) {
    let (name, labels) = (metric.name, labels_text(labels));
    match value {
        Value::Count(count) => line(text, name, &labels, count),
        Value::Level(level) => line(text, name, &labels, level),
        Value::Distribution { buckets, sum } => distribution(text, metric, &labels, buckets, *sum),
    }
}

fn distribution(text: &mut String, metric: &Metric, labels: &str, buckets: &[u64], sum: f64) {
    let name = metric.name;
    let comma = if labels.is_empty() { "" } else { "," };
    let mut so_far = 0;
    for (bound, count) in metric.bounds.iter().zip(buckets) {
        so_far += count;
        let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {so_far}");
    }
    let all: u64 = buckets.iter().sum();
    let _ = writeln!(text, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {all}");
    line(text, &format!("{name}_sum"), labels, sum);
    line(text, &format!("{name}_count"), labels, all);
}

fn line(text: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = if labels.is_empty() {
        writeln!(text, "{name} {value}")
    } else {
        writeln!(text, "{name}{{{labels}}} {value}")
    };
}

fn labels_text(labels: &[Label]) -> String {
    let mut text = String::new();
    for (n, label) in labels.iter().enumerate() {
        let comma = if n == 0 { "" } else { "," };
        text.push_str(comma);
        // Names of the conventions have dots, which Prometheus does not read.
        text.extend(label.key().chars().map(|c| if c == '.' { '_' } else { c }));
        text.push_str("=\"");
        label.value().chars().for_each(|c| escape(c, &mut text));
        text.push('"');
    }
    text
}

fn escape(c: char, text: &mut String) {
    match c {
        '\\' => text.push_str("\\\\"),
        '"' => text.push_str("\\\""),
        '\n' => text.push_str("\\n"),
        _ => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_values_are_escaped() {
        let labels = [Label::new("a", "x\"y\\z\n"), Label::new("b.c", "plain.")];
        assert_eq!(labels_text(&labels), r#"a="x\"y\\z\n",b_c="plain.""#);
    }
}
