//! What the standard `OTEL_*` variables say, read from a map. Names and meanings are OpenTelemetry's; what is not
//! built in is a fault, never ignored.

use super::target::{Protocol, Signal, Target};
use crate::percent;
use opentelemetry_sdk::trace::Sampler;
use std::{collections::BTreeMap, time::Duration};

/// What the service's own settings say; each goes before the variable of the same meaning.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `telemetry.otlp_endpoint`.
    pub endpoint: Option<String>,
    /// `telemetry.sample_ratio`.
    pub sample_ratio: Option<f64>,
    /// `telemetry.service_name`.
    pub service_name: Option<String>,
}

/// Where traces, metrics and logs go, and what describes their source.
#[derive(Clone, Debug)]
pub struct OtlpConfig {
    /// `None`: not exported.
    pub traces: Option<Target>,
    /// `None`: not exported.
    pub metrics: Option<Target>,
    /// `None`: not exported.
    pub logs: Option<Target>,
    /// Which traces are recorded.
    pub sampler: Sampler,
    /// `service.name`. Default `prompt-guard`.
    pub service_name: String,
    /// Further attributes of the resource.
    pub resource: Vec<(String, String)>,
    /// How long spans are gathered. Default 5 s.
    pub traces_delay: Duration,
    /// How long log records are gathered. Default 1 s.
    pub logs_delay: Duration,
    /// How often metrics are sent. Default 60 s.
    pub metrics_interval: Duration,
    /// How many spans, and how many log records, may wait. Default 2048.
    pub queue: usize,
    /// How many of them are sent at once. Default 512.
    pub batch: usize,
}

impl Default for OtlpConfig {
    /// Nothing is exported.
    fn default() -> Self {
        Self {
            traces: None,
            metrics: None,
            logs: None,
            sampler: Sampler::ParentBased(Box::new(Sampler::AlwaysOn)),
            service_name: "prompt-guard".to_owned(),
            resource: Vec::new(),
            traces_delay: Duration::from_secs(5),
            logs_delay: Duration::from_secs(1),
            metrics_interval: Duration::from_secs(60),
            queue: 2048,
            batch: 512,
        }
    }
}

/// What is wrong with one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its name, or that of the setting.
    pub name: String,
    /// What is wrong; holds no value of a variable that may be secret.
    pub problem: String,
    /// What would be right.
    pub remedy: &'static str,
}

impl OtlpConfig {
    /// Reads `OTEL_*` variables.
    ///
    /// # Errors
    /// All faults at once.
    pub fn read(variables: &BTreeMap<String, String>, given: &Given) -> Result<Self, Vec<Fault>> {
        let mut reader = Reader { variables, faults: Vec::new() };
        let config = reader.config(given);
        if reader.faults.is_empty() { Ok(config) } else { Err(reader.faults) }
    }
}

struct Reader<'a> {
    variables: &'a BTreeMap<String, String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn config(&mut self, given: &Given) -> OtlpConfig {
        let default = OtlpConfig::default();
        let (resource, named) = self.resource();
        let service_name = given
            .service_name
            .clone()
            .or_else(|| self.text("OTEL_SERVICE_NAME").map(str::to_owned))
            .or(named)
            .unwrap_or(default.service_name);
        let [traces, metrics, logs] = Signal::ALL.map(|signal| self.target(signal, given));
        let queue = self.number("OTEL_BSP_MAX_QUEUE_SIZE").unwrap_or(default.queue);
        OtlpConfig {
            traces,
            metrics,
            logs,
            sampler: self.sampler(given.sample_ratio),
            service_name,
            resource,
            traces_delay: self.millis("OTEL_BSP_SCHEDULE_DELAY").unwrap_or(default.traces_delay),
            logs_delay: self.millis("OTEL_BLRP_SCHEDULE_DELAY").unwrap_or(default.logs_delay),
            metrics_interval: self
                .millis("OTEL_METRIC_EXPORT_INTERVAL")
                .unwrap_or(default.metrics_interval),
            queue,
            batch: self
                .number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")
                .unwrap_or(default.batch)
                .min(queue),
        }
    }

    /// Where a signal goes; nowhere unless an endpoint is named or the exporter is asked for.
    fn target(&mut self, signal: Signal, given: &Given) -> Option<Target> {
        let wanted = self.wanted(signal);
        let endpoint = self.endpoint(signal, given);
        if wanted == Some(false) || (wanted.is_none() && endpoint.is_none()) {
            return None;
        }
        let protocol = self.protocol(signal);
        let (name, endpoint) = endpoint.unwrap_or_else(|| {
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), protocol.default_endpoint().to_owned())
        });
        let own = name.starts_with(&format!("OTEL_EXPORTER_OTLP_{}", signal.word()));
        let mut target = match Target::new(signal, protocol, &endpoint, own) {
            Ok(target) => target,
            Err(problem) => {
                return self.fault(name, problem, "write a URL such as http://collector:4317");
            }
        };
        self.details(signal, &mut target);
        Some(target)
    }

    fn details(&mut self, signal: Signal, target: &mut Target) {
        if let Some((name, text)) = self.otlp(signal, "HEADERS") {
            match pairs(&text).and_then(|pairs| target.add_headers(pairs)) {
                Some(()) => (),
                None => {
                    self.fault::<()>(name, "cannot be read", "write name=value,name=value");
                }
            }
        }
        if let Some((name, _)) = self.otlp(signal, "TIMEOUT") {
            target.timeout = self.millis(&name).unwrap_or(target.timeout);
        }
        if let Some((name, text)) = self.otlp(signal, "COMPRESSION")
            && text != "none"
        {
            self.fault::<()>(name, "asks for a compression that is not built in", "write none");
        }
        target.files.roots = self.otlp(signal, "CERTIFICATE").map(|(_, path)| path.into());
        target.files.certificate =
            self.otlp(signal, "CLIENT_CERTIFICATE").map(|(_, path)| path.into());
        target.files.key = self.otlp(signal, "CLIENT_KEY").map(|(_, path)| path.into());
    }

    /// Whether the signal's exporter is asked for or turned off.
    fn wanted(&mut self, signal: Signal) -> Option<bool> {
        if self.text("OTEL_SDK_DISABLED").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Some(false);
        }
        let name = format!("OTEL_{}_EXPORTER", signal.word());
        match self.text(&name)? {
            "otlp" => Some(true),
            // `/metrics` is always served.
            "none" | "prometheus" => Some(false),
            _ => self.fault(name, "names an exporter that is not built in", "write otlp or none"),
        }
    }

    /// The variable and its text.
    fn endpoint(&self, signal: Signal, given: &Given) -> Option<(String, String)> {
        let own = format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", signal.word());
        let variable = |name: String| self.text(&name).map(str::to_owned).map(|text| (name, text));
        let setting = given.endpoint.clone().map(|it| ("telemetry.otlp_endpoint".to_owned(), it));
        variable(own).or(setting).or_else(|| variable("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned()))
    }

    fn protocol(&mut self, signal: Signal) -> Protocol {
        let Some((name, text)) = self.otlp(signal, "PROTOCOL") else { return Protocol::Grpc };
        match text.as_str() {
            "grpc" => Protocol::Grpc,
            "http/protobuf" => Protocol::Http,
            _ => {
                let remedy = "write grpc or http/protobuf";
                self.fault(name, "names a protocol that is not built in", remedy)
                    .unwrap_or(Protocol::Grpc)
            }
        }
    }

    fn sampler(&mut self, given: Option<f64>) -> Sampler {
        let by_parent = |root| Sampler::ParentBased(Box::new(root));
        if let Some(ratio) = given {
            return by_parent(Sampler::TraceIdRatioBased(ratio));
        }
        let name = "OTEL_TRACES_SAMPLER";
        match self.text(name).unwrap_or("parentbased_always_on") {
            "always_on" => Sampler::AlwaysOn,
            "always_off" => Sampler::AlwaysOff,
            "traceidratio" => Sampler::TraceIdRatioBased(self.ratio()),
            "parentbased_always_on" => by_parent(Sampler::AlwaysOn),
            "parentbased_always_off" => by_parent(Sampler::AlwaysOff),
            "parentbased_traceidratio" => by_parent(Sampler::TraceIdRatioBased(self.ratio())),
            _ => {
                let remedy =
                    "write always_on, always_off, traceidratio or one of them after parentbased_";
                self.fault(name, "names a sampler that is not built in", remedy)
                    .unwrap_or(Sampler::AlwaysOn)
            }
        }
    }

    fn ratio(&mut self) -> f64 {
        let name = "OTEL_TRACES_SAMPLER_ARG";
        let Some(text) = self.text(name) else { return 1.0 };
        match text.parse() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => ratio,
            Ok(_) | Err(_) => {
                self.fault(name, "is no share", "write a number from 0 to 1").unwrap_or(1.0)
            }
        }
    }

    /// The resource's attributes without the service's name, and that name.
    fn resource(&mut self) -> (Vec<(String, String)>, Option<String>) {
        let name = "OTEL_RESOURCE_ATTRIBUTES";
        let Some(text) = self.text(name) else { return Default::default() };
        let Some(pairs) = pairs(text) else {
            self.fault::<()>(name, "cannot be read", "write name=value,name=value");
            return Default::default();
        };
        let (named, others): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(key, _)| key == "service.name");
        (others, named.into_iter().next().map(|(_, value)| value))
    }

    /// A variable of the exporter: the signal's own, else the general one.
    fn otlp(&self, signal: Signal, what: &str) -> Option<(String, String)> {
        let names = [
            format!("OTEL_EXPORTER_OTLP_{}_{what}", signal.word()),
            format!("OTEL_EXPORTER_OTLP_{what}"),
        ];
        names.into_iter().find_map(|name| {
            let text = self.text(&name)?.to_owned();
            Some((name, text))
        })
    }

    fn millis(&mut self, name: &str) -> Option<Duration> {
        self.number(name).map(|millis| Duration::from_millis(millis as u64))
    }

    fn number(&mut self, name: &str) -> Option<usize> {
        match self.text(name)?.parse() {
            Ok(number @ 1..) => Some(number),
            Ok(_) | Err(_) => self.fault(name, "is no number", "write a whole number from 1"),
        }
    }

    /// An empty variable counts as not set.
    fn text(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    fn fault<T>(
        &mut self,
        name: impl Into<String>,
        problem: impl Into<String>,
        remedy: &'static str,
    ) -> Option<T> {
        let fault = Fault { name: name.into(), problem: problem.into(), remedy };
        // What several signals share is told once.
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
        None
    }
}

/// `name=value,name=value`, each percent-encoded where need be.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let (name, value) = item.split_once('=')?;
            Some((decoded(name.trim())?, decoded(value.trim())?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let is_whole = |(at, _)| percent::byte(&text.as_bytes()[at..]).is_some();
    let is_sound = text.match_indices('%').all(is_whole);
    is_sound.then(|| String::from_utf8(percent::decoded(text.as_bytes())).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<OtlpConfig, Vec<Fault>> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        OtlpConfig::read(&variables.iter().map(owned).collect(), &Given::default())
    }

    fn url(target: Option<Target>) -> String {
        target.unwrap().uri.to_string()
    }

    #[test]
    fn nothing_is_exported_unless_somebody_asks() {
        let config = read(&[]).unwrap();
        assert!(config.traces.is_none() && config.metrics.is_none() && config.logs.is_none());
        let config = read(&[("OTEL_LOGS_EXPORTER", "otlp")]).unwrap();
        assert_eq!(
            url(config.logs),
            "http://localhost:4317/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        );
        assert!(config.traces.is_none());
    }

    #[test]
    fn one_endpoint_serves_all_signals_and_each_may_have_its_own() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example.org:4318/base/"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://logs.example.org/exactly"),
            ("OTEL_METRICS_EXPORTER", "none"),
        ])
        .unwrap();
        assert_eq!(url(config.traces), "https://collector.example.org:4318/base/v1/traces");
        assert_eq!(url(config.logs), "http://logs.example.org/exactly");
        assert!(config.metrics.is_none());
    }

    #[test]
    fn disabled_means_nothing_at_all() {
        let config = read(&[
            ("OTEL_SDK_DISABLED", "true"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
        ])
        .unwrap();
        assert!(config.traces.is_none() && config.metrics.is_none() && config.logs.is_none());
    }

    #[test]
    fn headers_times_and_names_are_read() {
        let config = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a%20b, x-kind=c"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "1500"),
            ("OTEL_SERVICE_NAME", "guard-a"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=not-this,deployment.environment=test"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "250"),
        ])
        .unwrap();
        let traces = config.traces.unwrap();
        assert_eq!(traces.headers["x-tenant"], "a b");
        assert_eq!(traces.timeout, Duration::from_millis(1500));
        assert_eq!(config.logs.unwrap().timeout, Duration::from_secs(10));
        assert_eq!(config.service_name, "guard-a");
        assert_eq!(config.resource, [("deployment.environment".into(), "test".into())]);
        assert_eq!(config.metrics_interval, Duration::from_millis(250));
        assert!(!format!("{traces:?}").contains("a b"), "headers may hold keys");
    }

    #[test]
    fn samplers_are_named_as_everywhere() {
        let sampler = |name, arg| {
            let variables = [("OTEL_TRACES_SAMPLER", name), ("OTEL_TRACES_SAMPLER_ARG", arg)];
            format!("{:?}", read(&variables).unwrap().sampler)
        };
        assert_eq!(sampler("always_off", ""), "AlwaysOff");
        assert_eq!(sampler("traceidratio", "0.25"), "TraceIdRatioBased(0.25)");
        let parent = sampler("parentbased_traceidratio", "0.5");
        assert!(parent.contains("ParentBased") && parent.contains("0.5"), "{parent}");
    }

    #[test]
    fn all_faults_are_told_with_the_variable_and_the_remedy() {
        let faults = read(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "often"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:1"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign"),
        ])
        .unwrap_err();
        let mut names: Vec<&str> = faults.iter().map(|fault| fault.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(
            names,
            [
                "OTEL_EXPORTER_OTLP_COMPRESSION",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "OTEL_EXPORTER_OTLP_HEADERS",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                "OTEL_METRIC_EXPORT_INTERVAL",
                "OTEL_TRACES_SAMPLER",
            ]
        );
    }
}
