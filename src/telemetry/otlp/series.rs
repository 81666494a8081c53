//! The series of the registry as OTLP metrics, sent again and again.

use super::{Exporter, nanos, scope, string};
use crate::telemetry::metrics::{
    Kind, Metric, Metrics,
    process::{self, Figure},
    registry::{Reading, Value},
};
use metrics::Label;
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{
        AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric as OtlpMetric,
        NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
    },
    resource::v1::Resource,
};
use std::time::Duration;
use tokio::{sync::watch, time::timeout};

/// Sends all series once in each `interval`, and once more at the stop.
pub(super) async fn send(
    metrics: Metrics,
    exporter: Exporter,
    resource: Resource,
    interval: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let began = nanos();
    loop {
        let stopped = timeout(interval, stop.wait_for(|stop| *stop)).await.is_ok();
        let message = request(&metrics.read(), &process::figures(), resource.clone(), began);
        let items = count(&message);
        exporter.export(message, items).await;
        if stopped {
            return;
        }
    }
}

fn count(message: &ExportMetricsServiceRequest) -> u64 {
    let scopes = message.resource_metrics.iter().flat_map(|it| &it.scope_metrics);
    scopes.map(|scope| scope.metrics.len() as u64).sum()
}

fn request(
    readings: &[Reading],
    figures: &[Figure],
    resource: Resource,
    began: u64,
) -> ExportMetricsServiceRequest {
    let times = Times { began, now: nanos() };
    let ours = readings.iter().map(|reading| metric(reading, times));
    let process = figures.iter().map(|figure| of_process(figure, times));
    let scope_metrics = ScopeMetrics {
        scope: Some(scope()),
        metrics: ours.chain(process).collect(),
        schema_url: String::new(),
    };
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource),
            scope_metrics: vec![scope_metrics],
            schema_url: String::new(),
        }],
    }
}

/// All points of one message cover the same time.
#[derive(Clone, Copy)]
struct Times {
    began: u64,
    now: u64,
}

fn metric(reading: &Reading, times: Times) -> OtlpMetric {
    let Metric { name, kind, help, bounds, convention } = *reading.metric;
    let numbers =
        || reading.series.iter().filter_map(|(labels, value)| number(labels, value, times));
    let data = match kind {
        Kind::Counter => sum(numbers().collect()),
        Kind::Gauge => Data::Gauge(Gauge { data_points: numbers().collect() }),
        Kind::Histogram => Data::Histogram(Histogram {
            data_points: reading
                .series
                .iter()
                .filter_map(|(labels, value)| distribution(labels, value, bounds, times))
                .collect(),
            aggregation_temporality: AggregationTemporality::Cumulative.into(),
        }),
    };
    let (name, unit) = convention.unwrap_or((name, unit(name)));
    described(name, unit, help, data)
}

fn of_process(figure: &Figure, times: Times) -> OtlpMetric {
    let point = point(&[], number_data_point::Value::AsDouble(figure.value), times);
    let data = match figure.kind {
        Kind::Counter => sum(vec![point]),
        Kind::Gauge | Kind::Histogram => Data::Gauge(Gauge { data_points: vec![point] }),
    };
    described(figure.name, unit(figure.name), figure.help, data)
}

fn sum(data_points: Vec<NumberDataPoint>) -> Data {
    Data::Sum(Sum {
        data_points,
        aggregation_temporality: AggregationTemporality::Cumulative.into(),
        is_monotonic: true,
    })
}

/// The unit that one of our names ends with.
fn unit(name: &str) -> &'static str {
    match name.trim_end_matches("_total").rsplit('_').next() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        Some(_) | None => "1",
    }
}

fn described(name: &str, unit: &str, help: &str, data: Data) -> OtlpMetric {
    OtlpMetric {
        name: name.to_owned(),
        description: help.to_owned(),
        unit: unit.to_owned(),
        metadata: Vec::new(),
        data: Some(data),
    }
}

fn number(labels: &[Label], value: &Value, times: Times) -> Option<NumberDataPoint> {
    let value = match value {
        Value::Count(count) => {
            number_data_point::Value::AsInt(i64::try_from(*count).unwrap_or(i64::MAX))
        }
        Value::Level(level) => number_data_point::Value::AsDouble(*level),
        Value::Distribution { .. } => return None,
    };
    Some(point(labels, value, times))
}

fn point(labels: &[Label], value: number_data_point::Value, times: Times) -> NumberDataPoint {
    NumberDataPoint {
        attributes: labels.iter().map(|label| string(label.key(), label.value())).collect(),
        start_time_unix_nano: times.began,
        time_unix_nano: times.now,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn distribution(
    labels: &[Label],
    value: &Value,
    bounds: &[f64],
    times: Times,
) -> Option<HistogramDataPoint> {
    let Value::Distribution { buckets, sum } = value else { return None };
    Some(HistogramDataPoint {
        attributes: labels.iter().map(|label| string(label.key(), label.value())).collect(),
        start_time_unix_nano: times.began,
        time_unix_nano: times.now,
        count: buckets.iter().sum(),
        sum: Some(*sum),
        bucket_counts: buckets.clone(),
        explicit_bounds: bounds.to_vec(),
        ..HistogramDataPoint::default()
    })
}
