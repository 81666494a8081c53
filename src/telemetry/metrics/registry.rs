//! Keeps the value of every series: the recorder behind the macros of `metrics`.
//!
//! A metric is written once and read twice, by `exposition` for Prometheus and by `otlp` for a collector. Recording is
//! one atomic addition, without a lock and without memory that grows; a lock is taken only to look up or make a series.
//!
//! Cardinality is bounded here, whatever callers do: a name that the table does not have is not recorded, and neither
//! is a series beyond [`MAX_SERIES`] of one metric.

use super::table::{ALL, Kind, Metric};
use crate::meter::MAX_SERIES;
use metrics::{
    Counter, Gauge, GaugeFn as _, Histogram, HistogramFn, Key, KeyName, Label, Metadata, Recorder,
    SharedString, Unit,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// All series of the process.
#[derive(Debug)]
pub(super) struct Registry {
    families: HashMap<&'static str, Family>,
    refused: Arc<AtomicU64>,
}

/// The series of one metric, by their labels.
#[derive(Debug)]
struct Family {
    metric: &'static Metric,
    series: RwLock<HashMap<Vec<Label>, Cell>>,
}

/// Where the value of one series is.
#[derive(Clone, Debug)]
enum Cell {
    Counter(Arc<AtomicU64>),
    /// The bits of a float.
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Buckets>),
}

/// One metric as it is now.
#[derive(Debug)]
pub(in crate::telemetry) struct Reading {
    /// Name, kind and help.
    pub(in crate::telemetry) metric: &'static Metric,
    /// Each series, sorted by labels.
    pub(in crate::telemetry) series: Vec<(Vec<Label>, Value)>,
}

/// The value of one series.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::telemetry) enum Value {
    /// Of a counter.
    Count(u64),
    /// Of a gauge.
    Level(f64),
    /// Of a histogram: how many values fell into each bucket of its bounds and above them all, and their sum.
    Distribution {
        /// Each bucket for itself.
        buckets: Vec<u64>,
        /// Of all values.
        sum: f64,
    },
}

impl Default for Registry {
    fn default() -> Self {
        let family = |metric: &'static Metric| Family { metric, series: RwLock::default() };
        let families = ALL.iter().map(|metric| (metric.name, family(metric))).collect();
        Self { families, refused: Arc::default() }
    }
}

impl Registry {
    /// What all metrics that have a series are now, in the order of the table.
    pub(super) fn read(&self) -> Vec<Reading> {
        let families = ALL.iter().filter_map(|metric| self.families.get(metric.name));
        families.map(Family::read).filter(|reading| !reading.series.is_empty()).collect()
    }

    /// How many times a series was not recorded, since it had no name of the table or was one too many.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn cell(&self, key: &Key, kind: Kind) -> Option<Cell> {
        let family = self.families.get(key.name()).filter(|family| family.metric.kind == kind);
        let cell = family.and_then(|family| family.cell(key));
        if cell.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        cell
    }
}

impl Family {
    fn cell(&self, key: &Key) -> Option<Cell> {
        let labels: Vec<Label> = key.labels().cloned().collect();
        if let Some(cell) = self.series.read().unwrap_or_else(PoisonError::into_inner).get(&labels)
        {
            return Some(cell.clone());
        }
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if series.len() >= MAX_SERIES && !series.contains_key(&labels) {
            return None;
        }
        Some(series.entry(labels).or_insert_with(|| Cell::new(self.metric)).clone())
    }

    fn read(&self) -> Reading {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut series: Vec<_> =
            series.iter().map(|(labels, cell)| (labels.clone(), cell.read())).collect();
        series.sort_by(|(one, _), (other, _)| one.cmp(other));
        Reading { metric: self.metric, series }
    }
}

impl Cell {
    fn new(metric: &Metric) -> Self {
        match metric.kind {
            Kind::Counter => Self::Counter(Arc::default()),
            Kind::Gauge => Self::Gauge(Arc::default()),
            Kind::Histogram => Self::Histogram(Arc::new(Buckets::between(metric.bounds))),
        }
    }

    fn read(&self) -> Value {
        match self {
            Self::Counter(count) => Value::Count(count.load(Ordering::Relaxed)),
            Self::Gauge(bits) => Value::Level(f64::from_bits(bits.load(Ordering::Relaxed))),
            Self::Histogram(buckets) => buckets.read(),
        }
    }
}

/// A histogram: how many values fell between two bounds.
#[derive(Debug)]
struct Buckets {
    bounds: &'static [f64],
    counts: Box<[AtomicU64]>,
    /// The bits of a float.
    sum: AtomicU64,
}

impl Buckets {
    fn between(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0) }
    }

    fn read(&self) -> Value {
        let buckets = self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed));
        Value::Distribution { buckets, sum }
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.increment(value);
    }
}

/// The recorder that the macros of `metrics` know.
#[derive(Clone, Debug)]
pub(super) struct Recording(pub(super) Arc<Registry>);

impl Recorder for Recording {
    // Descriptions are in the table.
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.0.cell(key, Kind::Counter) {
            Some(Cell::Counter(count)) => Counter::from_arc(count),
            Some(Cell::Gauge(_) | Cell::Histogram(_)) | None => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.0.cell(key, Kind::Gauge) {
            Some(Cell::Gauge(level)) => Gauge::from_arc(level),
            Some(Cell::Counter(_) | Cell::Histogram(_)) | None => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        match self.0.cell(key, Kind::Histogram) {
            Some(Cell::Histogram(buckets)) => Histogram::from_arc(buckets),
            Some(Cell::Counter(_) | Cell::Gauge(_)) | None => Histogram::noop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: Metadata<'static> = Metadata::new("test", metrics::Level::INFO, None);

    fn key(name: &'static str, label: &str) -> Key {
        Key::from_parts(name, vec![Label::new("upstream", label.to_owned())])
    }

    #[test]
    fn values_are_counted_by_the_bucket_they_fit_in() {
        let recording = Recording(Arc::default());
        let name = "prompt_guard_upstream_head_seconds";
        let histogram = recording.register_histogram(&key(name, "a"), &METADATA);
        [0.0, 0.0001, 0.00011, 1e9].into_iter().for_each(|value| histogram.record(value));
        let reading = recording.0.read().pop().unwrap();
        let Value::Distribution { buckets, sum } = &reading.series[0].1 else { panic!() };
        assert_eq!((buckets[0], buckets[1], buckets.last()), (2, 1, Some(&1)));
        assert_eq!(buckets.iter().sum::<u64>(), 4);
        assert!((sum - 1e9).abs() < 1.0);
    }

    #[test]
    fn one_series_has_one_value_however_often_it_is_asked_for() {
        let recording = Recording(Arc::default());
        let name = "prompt_guard_upstream_retries_total";
        for label in ["a", "a", "b"] {
            recording.register_counter(&key(name, label), &METADATA).increment(1);
        }
        let reading = recording.0.read().pop().unwrap();
        let values: Vec<&Value> = reading.series.iter().map(|(_, value)| value).collect();
        assert_eq!(values, [&Value::Count(2), &Value::Count(1)]);
    }

    #[test]
    fn neither_unknown_names_nor_endless_labels_take_memory() {
        let recording = Recording(Arc::default());
        recording.register_counter(&key("unknown_total", "a"), &METADATA).increment(1);
        recording.register_gauge(&key("prompt_guard_calls_total", "a"), &METADATA).set(1.0);
        assert!(recording.0.read().is_empty());
        for n in 0..MAX_SERIES + 5 {
            let key = key("prompt_guard_upstream_retries_total", &n.to_string());
            recording.register_counter(&key, &METADATA).increment(1);
        }
        assert_eq!(recording.0.read().pop().unwrap().series.len(), MAX_SERIES);
        assert_eq!(recording.0.refused(), 2 + 5);
    }
}
