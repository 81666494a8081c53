//! Reads each part of the configuration from its settings.

use super::{
    Config, Fault, Hosts, PolicyConfig, ServerConfig,
    meant::{List, Reader},
    model,
    said::Everything,
    state, upstream,
};
use crate::{
    rest::{CorsConfig, Origin, UnknownEndpoints},
    stack::{
        cache::{CacheConfig, CacheMode, CacheScope},
        rate_limit::RateLimitConfig,
    },
    store::Secret,
    telemetry::{
        LogFormat, TelemetryConfig,
        otlp::{self, Given, OtlpConfig},
    },
    vault::VaultConfig,
};
use std::net::{IpAddr, SocketAddr};

/// Reads all parts; every fault is reported.
pub(super) fn config(said: Everything, faults: Vec<Fault>) -> Result<Config, Vec<Fault>> {
    let mut reader = Reader::new(said, faults);
    let config = Config {
        server: server(&mut reader),
        policy: policy(&mut reader),
        models: model::models(&mut reader),
        upstreams: upstream::upstreams(&mut reader),
        default_upstream: reader.optional("upstream.default"),
        rate_limit: rate_limit(&mut reader),
        cache: cache(&mut reader),
        redis: state::redis(&mut reader),
        secret: secret(&mut reader),
        vault: vault(&mut reader),
        telemetry: telemetry(&mut reader),
    };
    check_sockets(&mut reader, &config.server);
    upstream::check(&mut reader, &config);
    state::check_redis(&mut reader, &config);
    check_telemetry(&mut reader, &config);
    let faults = reader.finish();
    if faults.is_empty() { Ok(config) } else { Err(faults) }
}

fn server(reader: &mut Reader) -> ServerConfig {
    let default = ServerConfig::default();
    let unknown = [
        ("deny", UnknownEndpoints::Deny),
        ("scan", UnknownEndpoints::Scan),
        ("pass", UnknownEndpoints::Pass),
    ];
    let max_body_bytes = reader.at_least_one("server.max_body_bytes", default.max_body_bytes);
    ServerConfig {
        listen: reader.value("server.listen", default.listen),
        grpc_listen: reader.optional("server.grpc_listen"),
        admin_listen: reader.optional("server.admin_listen"),
        max_body_bytes,
        max_buffered_bytes: buffered(reader, max_body_bytes, default.max_buffered_bytes),
        max_in_flight: reader.at_least_one("server.max_in_flight", default.max_in_flight),
        drain: reader.value("server.drain_ms", default.drain),
        drain_delay: reader.value("server.drain_delay_ms", default.drain_delay),
        hosts: Hosts(reader.value("server.hosts", List(Vec::new())).0),
        cors: cors(reader),
        unknown_endpoints: reader.word(
            "server.unknown_endpoints",
            &unknown,
            default.unknown_endpoints,
        ),
        upload_idle: reader.limit(
            "server.upload_idle_ms",
            default.upload_idle,
            "would refuse every body",
        ),
        download_idle: reader.limit(
            "server.download_idle_ms",
            default.download_idle,
            "would end every answer that is not taken at once",
        ),
        keep_alive: reader.limit(
            "server.keep_alive_ms",
            default.keep_alive,
            "would refuse every connection",
        ),
    }
}

/// Two sockets of one address cannot be bound. Port 0 is a free one each time.
fn check_sockets(reader: &mut Reader, server: &ServerConfig) {
    let named = [
        ("server.listen", Some(server.listen)),
        ("server.grpc_listen", server.grpc_listen),
        ("server.admin_listen", server.admin_listen),
    ];
    for (nth, (key, address)) in named.iter().enumerate() {
        let meets = |other: &SocketAddr| address.is_some_and(|address| overlap(address, *other));
        let earlier = named[..nth].iter().find(|(_, other)| other.as_ref().is_some_and(meets));
        if let Some((other, _)) = earlier {
            let problem = format!("is an address of {other} too, and both cannot be bound");
            reader.fault(*key, problem, "write another port, or leave it out to share that socket");
        }
    }
}

fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let (one_ip, other_ip) = (one.ip().to_canonical(), other.ip().to_canonical());
    // The one of IPv6 takes what comes by IPv4 too, where the system is not set up otherwise.
    let takes = |all: IpAddr, ip: IpAddr| all.is_unspecified() && (all.is_ipv6() || ip.is_ipv4());
    let is_same_host = one_ip == other_ip || takes(one_ip, other_ip) || takes(other_ip, one_ip);
    one.port() != 0 && one.port() == other.port() && is_same_host
}

fn cors(reader: &mut Reader) -> CorsConfig {
    let default = CorsConfig::default();
    let cors = CorsConfig {
        allowed_origins: reader.value("server.cors.allowed_origins", List(Vec::new())).0,
        allowed_headers: reader.value("server.cors.allowed_headers", List(Vec::new())).0,
        allow_credentials: reader.word(
            "server.cors.allow_credentials",
            &[("true", true), ("false", false)],
            default.allow_credentials,
        ),
        max_age: reader.value("server.cors.max_age_ms", default.max_age),
    };
    if cors.allow_credentials && cors.allowed_origins.contains(&Origin::Any) {
        reader.fault(
            "server.cors.allow_credentials",
            "is true for the pages of all origins",
            "name the origins in server.cors.allowed_origins",
        );
    }
    if !cors.allowed_headers.is_empty() && cors.allowed_origins.is_empty() {
        reader.fault(
            "server.cors.allowed_headers",
            "is set, and no page of another origin may call",
            "name the origins in server.cors.allowed_origins, or remove it",
        );
    }
    if cors.allow_credentials && cors.allowed_origins.is_empty() {
        reader.fault(
            "server.cors.allow_credentials",
            "is true, and no page of another origin may call",
            "name the origins in server.cors.allowed_origins, or remove it",
        );
    }
    cors
}

/// Room for one body of the largest size at least, and twice that for one that is compressed.
fn buffered(reader: &mut Reader, max_body_bytes: usize, default: usize) -> usize {
    let key = "server.max_buffered_bytes";
    let least = max_body_bytes.saturating_mul(2);
    let value = reader.value(key, default.max(least));
    if value < least {
        reader.fault(
            key,
            "is less than two bodies of server.max_body_bytes",
            format!("write {least} or more"),
        );
    }
    value
}

fn policy(reader: &mut Reader) -> PolicyConfig {
    let default = PolicyConfig::default();
    PolicyConfig {
        default: reader.value("policy.default", default.default),
        files: reader.value("policy.files", default.files),
    }
}

fn rate_limit(reader: &mut Reader) -> RateLimitConfig {
    let default = RateLimitConfig::default();
    let limits = RateLimitConfig {
        per_minute: reader.value("rate_limit.per_minute", default.per_minute),
        per_hour: reader.value("rate_limit.per_hour", default.per_hour),
        burst: reader.value("rate_limit.burst", default.burst),
        global_per_second: reader.value("rate_limit.global_per_second", default.global_per_second),
    };
    if limits.burst != default.burst && limits.per_minute == 0 && limits.per_hour == 0 {
        reader.fault(
            "rate_limit.burst",
            "is set without a limit of one caller, and does nothing",
            "set rate_limit.per_minute or rate_limit.per_hour, or remove it",
        );
    }
    limits
}

fn cache(reader: &mut Reader) -> CacheConfig {
    let default = CacheConfig::default();
    let modes = [
        ("off", CacheMode::Off),
        ("deterministic", CacheMode::Deterministic),
        ("all", CacheMode::All),
    ];
    let scopes = [("credential", CacheScope::Credential), ("caller", CacheScope::Caller)];
    let cache = CacheConfig {
        scope: reader.word("cache.scope", &scopes, default.scope),
        mode: reader.word("cache.mode", &modes, default.mode),
        ttl: reader.limit("cache.ttl_ms", default.ttl, "would keep nothing (cache.mode: off)"),
        max_bytes: reader.value("cache.max_bytes", default.max_bytes),
        max_entry_bytes: reader.value("cache.max_entry_bytes", default.max_entry_bytes),
    };
    let is_larger = u64::try_from(cache.max_entry_bytes).is_ok_and(|entry| entry > cache.max_bytes);
    // The usual size of an entry is no wish, and with 0 entries are kept in the shared store alone.
    if is_larger && cache.max_entry_bytes != default.max_entry_bytes && cache.max_bytes > 0 {
        reader.fault(
            "cache.max_entry_bytes",
            "is more than cache.max_bytes, so that such an entry has no room",
            format!("write {} or less", cache.max_bytes),
        );
    }
    cache
}

fn vault(reader: &mut Reader) -> VaultConfig {
    let default = VaultConfig::default();
    VaultConfig {
        ttl: reader.limit("vault.ttl_ms", default.ttl, "would keep no session"),
        max_session_bytes: reader
            .at_least_one("vault.max_session_bytes", default.max_session_bytes),
    }
}

fn secret(reader: &mut Reader) -> Option<Secret> {
    let text = reader.text_or_file("keys.secret", "keys.secret_file")?;
    match Secret::parse(text.expose()) {
        Ok(secret) => Some(secret),
        Err(error) => {
            reader.fault("keys.secret", format!("cannot be used: {error}"), "write such a secret");
            None
        }
    }
}

fn telemetry(reader: &mut Reader) -> TelemetryConfig {
    let default = TelemetryConfig::default();
    let formats = [("pretty", LogFormat::Pretty), ("json", LogFormat::Json)];
    TelemetryConfig {
        log_filter: reader.value("telemetry.log", default.log_filter),
        log_format: reader.word("telemetry.log_format", &formats, default.log_format),
        otlp: otlp(reader),
    }
}

/// The standard variables, and the settings that go before them.
fn otlp(reader: &mut Reader) -> OtlpConfig {
    let given = Given {
        endpoint: reader.optional("telemetry.otlp_endpoint"),
        sample_ratio: reader.optional("telemetry.sample_ratio").and_then(|it| ratio(reader, it)),
        service_name: reader.optional("telemetry.service_name"),
    };
    OtlpConfig::read(reader.standard_variables(), &given).unwrap_or_else(|faults| {
        for otlp::Fault { name, problem, remedy } in faults {
            reader.fault(name, problem, remedy);
        }
        OtlpConfig::default()
    })
}

fn ratio(reader: &mut Reader, value: f64) -> Option<f64> {
    let is_share = (0.0..=1.0).contains(&value);
    if !is_share {
        reader.fault("telemetry.sample_ratio", "is no share", "write a number from 0 to 1");
    }
    is_share.then_some(value)
}

fn check_telemetry(reader: &mut Reader, config: &Config) {
    for error in config.telemetry.faults() {
        reader.fault("telemetry", format!("cannot be set up: {error}"), "mend the setting");
    }
}
