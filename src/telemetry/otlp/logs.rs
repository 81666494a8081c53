//! Log lines as OTLP log records, each with the ids of its trace.

use super::{
    Exporter, OtlpConfig, nanos,
    queue::{Queue, Waiting, queue},
    scope, string,
    target::Signal,
};
use opentelemetry::{Context as TraceContext, trace::TraceContextExt as _};
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};
use std::fmt;
use tokio::sync::watch;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

/// Makes a log record of each event, with the fields of the spans around it.
#[derive(Debug)]
pub(super) struct Records(Queue<LogRecord>);

/// The layer, and what waits to be sent of it.
pub(super) fn records(config: &OtlpConfig) -> (Records, Waiting<LogRecord>) {
    let (queue, waiting) = queue(Signal::Logs, config.queue, config.batch, config.logs_delay);
    (Records(queue), waiting)
}

/// Sends log records until `stop` turns true.
pub(super) async fn send(
    waiting: Waiting<LogRecord>,
    exporter: Exporter,
    resource: Resource,
    stop: watch::Receiver<bool>,
) {
    let export = |batch: Vec<LogRecord>| {
        let items = batch.len() as u64;
        let records =
            ScopeLogs { scope: Some(scope()), log_records: batch, schema_url: String::new() };
        let resource_logs = vec![ResourceLogs {
            resource: Some(resource.clone()),
            scope_logs: vec![records],
            schema_url: String::new(),
        }];
        exporter.export(ExportLogsServiceRequest { resource_logs }, items)
    };
    waiting.drain(stop, export).await;
}

/// The fields of a span, kept with it.
struct Fields(Vec<KeyValue>);

impl<S> Layer<S> for Records
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut reader = Reader::default();
        attributes.record(&mut reader);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(reader.attributes));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut reader = Reader::default();
        values.record(&mut reader);
        if let Some(span) = context.span(id)
            && let Some(Fields(fields)) = span.extensions_mut().get_mut()
        {
            fields.append(&mut reader.attributes);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut reader = Reader::default();
        event.record(&mut reader);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(Fields(fields)) = span.extensions().get() {
                reader.attributes.extend(fields.iter().cloned());
            }
        }
        self.0.push(record(event, reader));
    }
}

fn record(event: &Event<'_>, reader: Reader) -> LogRecord {
    let (severity, text) = severity(*event.metadata().level());
    // The layer for traces makes the context of an entered span the current one.
    let context = TraceContext::current();
    let span = context.span();
    let ids = Some(span.span_context()).filter(|ids| ids.is_valid());
    let now = nanos();
    LogRecord {
        time_unix_nano: now,
        observed_time_unix_nano: now,
        severity_number: severity.into(),
        severity_text: text.to_owned(),
        body: Some(AnyValue { value: Some(any_value::Value::StringValue(reader.message)) }),
        attributes: reader.attributes,
        flags: ids.map_or(0, |ids| ids.trace_flags().to_u8().into()),
        trace_id: ids.map(|ids| ids.trace_id().to_bytes().to_vec()).unwrap_or_default(),
        span_id: ids.map(|ids| ids.span_id().to_bytes().to_vec()).unwrap_or_default(),
        ..LogRecord::default()
    }
}

fn severity(level: Level) -> (SeverityNumber, &'static str) {
    match level {
        Level::ERROR => (SeverityNumber::Error, "ERROR"),
        Level::WARN => (SeverityNumber::Warn, "WARN"),
        Level::INFO => (SeverityNumber::Info, "INFO"),
        Level::DEBUG => (SeverityNumber::Debug, "DEBUG"),
        Level::TRACE => (SeverityNumber::Trace, "TRACE"),
    }
}

/// Reads the fields of a span or an event.
#[derive(Default)]
struct Reader {
    message: String,
    attributes: Vec<KeyValue>,
}

impl Reader {
    fn add(&mut self, field: &Field, value: any_value::Value) {
        self.attributes.push(KeyValue {
            key: field.name().to_owned(),
            value: Some(AnyValue { value: Some(value) }),
            ..KeyValue::default()
        });
    }
}

impl Visit for Reader {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else if !field.name().starts_with("otel.") {
            self.attributes.push(string(field.name(), value));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, any_value::Value::DoubleValue(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, any_value::Value::IntValue(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, any_value::Value::BoolValue(value));
    }
}
