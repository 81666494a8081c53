//! The names of all settings, and what each expects. `docs/CONFIGURATION.md` is held against this table by test.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Dotted key in the file; `*` stands for a name of the operator's choice.
    pub key: &'static str,
    /// What a value looks like, with its default.
    pub expects: &'static str,
}

const fn setting(key: &'static str, expects: &'static str) -> Setting {
    Setting { key, expects }
}

/// All settings, by key.
pub const SETTINGS: &[Setting] = &[
    setting("cache.max_bytes", "bytes of completions kept in memory (default 16777216)"),
    setting(
        "cache.max_entry_bytes",
        "bytes of the largest completion that is kept (default 1048576)",
    ),
    setting("cache.mode", "off, deterministic or all (default deterministic)"),
    setting("cache.scope", "credential or caller: who shares an answer (default credential)"),
    setting("cache.ttl_ms", "milliseconds that a completion is kept (default 3600000)"),
    setting(
        "keys.secret",
        "64 hexadecimal digits, the same for all replicas (default: random in each process, with Redis derived from its URL and password)",
    ),
    setting("keys.secret_file", "path of a file that holds the secret"),
    setting(
        "model.library",
        "path of the library of ONNX Runtime 1.17 or later (default: ORT_DYLIB_PATH, else what the system finds as libonnxruntime)",
    ),
    setting(
        "models.*.file",
        "name of the model in its folder (default: model.onnx, else the first model*.onnx, there or in onnx/)",
    ),
    setting(
        "models.*.labels",
        "LABEL=TYPE with commas between them: what labels mean that are not known; ignore as TYPE leaves one out",
    ),
    setting(
        "models.*.on_failure",
        "refuse or skip: what happens to a text that the model could not read (default refuse)",
    ),
    setting(
        "models.*.path",
        "folder of a token-classification model: config.json, tokenizer.json and the model in ONNX form",
    ),
    setting("models.*.queue", "texts that may wait for it (default 64)"),
    setting("models.*.threads", "threads that read one text (default 1)"),
    setting(
        "models.*.time_limit_ms",
        "milliseconds that a text may take, waiting included (default 5000)",
    ),
    setting(
        "models.*.window_tokens",
        "tokens that are read at once, from 32 up to what the model takes (default 256)",
    ),
    setting(
        "models.*.workers",
        "texts that are read at once, each by a copy of the model (default 1)",
    ),
    setting("policy.default", "name of the policy for calls that name none (default default_pii)"),
    setting("policy.files", "paths of policy files or of folders with them"),
    setting(
        "proxy.all",
        "URL of the proxy for upstreams whose scheme has none of its own (default: ALL_PROXY)",
    ),
    setting(
        "proxy.bypass",
        "hosts reached without a proxy: names with what is below them, addresses, networks, * for all (default: NO_PROXY)",
    ),
    setting(
        "proxy.http",
        "http, https or socks5 URL of the proxy for http upstreams, with user and password if it wants them (default: HTTP_PROXY)",
    ),
    setting(
        "proxy.https",
        "http, https or socks5 URL of the proxy for https upstreams, which is asked for a tunnel (default: HTTPS_PROXY)",
    ),
    setting(
        "proxy.root_certificates",
        "PEM file of the only roots that proxies with an https URL are checked against (default: the system's)",
    ),
    setting(
        "rate_limit.burst",
        "calls that one caller may make at once after a rest, of the shorter window that is set (default: all of it)",
    ),
    setting(
        "rate_limit.global_per_second",
        "calls of all callers in a second, 0 for no limit (default 0)",
    ),
    setting("rate_limit.per_hour", "calls of one caller in an hour, 0 for no limit (default 0)"),
    setting("rate_limit.per_minute", "calls of one caller in a minute, 0 for no limit (default 0)"),
    setting(
        "redis.client_certificate",
        "path of a PEM file with the certificate shown to Redis (default: none)",
    ),
    setting("redis.client_key", "path of a PEM file with the key to it"),
    setting(
        "redis.mode",
        "single, sentinel or cluster: what the hosts of redis.url are (default single)",
    ),
    setting("redis.password", "password of Redis, if it does not stand in redis.url"),
    setting("redis.password_file", "path of a file that holds the password"),
    setting(
        "redis.root_certificates",
        "path of a PEM file with the roots to trust in place of the system's",
    ),
    setting("redis.sentinel_master", "name by which the sentinels know the master"),
    setting("redis.sentinel_password", "password of the sentinels, if they want one"),
    setting("redis.sentinel_password_file", "path of a file that holds it"),
    setting("redis.sentinel_user", "user of the sentinels, if they want one"),
    setting(
        "redis.server_name",
        "name that Redis's certificate must be for (default: the host of redis.url)",
    ),
    setting("redis.timeout_ms", "milliseconds to wait for an answer (default 250)"),
    setting(
        "redis.url",
        "redis://[user:password@]host:port[,host:port…][/database], rediss:// for TLS; without it state stays in the process",
    ),
    setting(
        "server.admin_listen",
        "address and port for health, metrics and the page alone (default: on server.listen)",
    ),
    setting(
        "server.cors.allow_credentials",
        "true or false: whether such pages may send cookies (default false)",
    ),
    setting(
        "server.cors.allowed_headers",
        "request headers that such pages may send (default: any)",
    ),
    setting(
        "server.cors.allowed_origins",
        "origins whose web pages may call: https://app.example.org, https://*.example.org, http://localhost:*, * for all (default: none)",
    ),
    setting(
        "server.cors.max_age_ms",
        "milliseconds that a browser may remember that they may (default 600000)",
    ),
    setting(
        "server.download_idle_ms",
        "milliseconds that a caller may take nothing of an answer that waits for it, or by HTTP/2 and gRPC less than 16 KiB of it (default 60000)",
    ),
    setting(
        "server.drain_delay_ms",
        "milliseconds that calls are still accepted at a stop, while readiness is off already (default 0)",
    ),
    setting(
        "server.drain_ms",
        "milliseconds that calls under way get to end at a stop (default 30000)",
    ),
    setting("server.grpc_listen", "address and port for gRPC alone (default: on server.listen)"),
    setting(
        "server.hosts",
        "names by which the service may be called, such as guard.example.org or *.example.org, * for all; addresses, localhost, names without a dot and below .internal, .local, .home.arpa and .test always may (default: all, but none where it listens on a loopback address)",
    ),
    setting(
        "server.keep_alive_ms",
        "milliseconds that a connection may wait for the whole head of its next request (default 75000)",
    ),
    setting("server.listen", "address and port (default 127.0.0.1:8000)"),
    setting("server.max_body_bytes", "bytes of the largest request body (default 10485760)"),
    setting(
        "server.max_buffered_bytes",
        "bytes of all request bodies under way that are larger than 64 KiB, of which a caller with several leaves the last eighth to others; what goes beyond is refused with 503, by gRPC UNAVAILABLE (default 536870912)",
    ),
    setting(
        "server.max_in_flight",
        "upstream requests under way at once; one caller has seven for each that is free at most, so that the last eighth is left to others (default 1024)",
    ),
    setting(
        "server.unknown_endpoints",
        "deny, scan or pass: what happens to paths of providers that the guard does not know; pass forwards them unread (default deny)",
    ),
    setting(
        "server.upload_idle_ms",
        "milliseconds that nothing may come of a request body, or a message by gRPC, that has begun and not ended (default 10000)",
    ),
    setting(
        "telemetry.log",
        "filter of log lines, such as info or prompt_guard=debug (default info)",
    ),
    setting("telemetry.log_format", "pretty or json (default pretty)"),
    setting(
        "telemetry.otlp_endpoint",
        "URL of an OTLP collector for traces, metrics and logs; goes before OTEL_EXPORTER_OTLP_ENDPOINT (default: nothing is sent)",
    ),
    setting(
        "telemetry.sample_ratio",
        "share of traces to record where the caller has not decided, 0 to 1 (default: as OTEL_TRACES_SAMPLER says, else 1)",
    ),
    setting(
        "telemetry.service_name",
        "name of the service in telemetry (default: OTEL_SERVICE_NAME, else prompt-guard)",
    ),
    setting(
        "upstream.default",
        "name of the upstream for calls that name none (default: the first by name)",
    ),
    setting("upstreams.*.api_key", "key sent to this upstream in place of the caller's"),
    setting("upstreams.*.api_key_file", "path of a file that holds the key"),
    setting(
        "upstreams.*.api_key_header",
        "authorization (as a bearer token), x-api-key or api-key (default authorization)",
    ),
    setting(
        "upstreams.*.api_path",
        "what takes the place of /v1 in paths; {model} in it is the request's model (default /v1)",
    ),
    setting(
        "upstreams.*.balance",
        "in_order or round_robin: which of several base_urls is asked first (default in_order)",
    ),
    setting(
        "upstreams.*.base_url",
        "http or https URL to which api_path and the rest of the path are appended",
    ),
    setting(
        "upstreams.*.base_urls",
        "http or https URLs of one upstream, in the place of base_url: the others are asked in this order when one fails",
    ),
    setting(
        "upstreams.*.breaker_failures",
        "failures in a row after which it is left alone, 0 for never (default 10)",
    ),
    setting("upstreams.*.breaker_open_ms", "milliseconds that it is left alone (default 10000)"),
    setting(
        "upstreams.*.breaker_percent",
        "failures in a hundred of the last 64 requests after which it is left alone, 0 for never (default 50)",
    ),
    setting("upstreams.*.connect_timeout_ms", "milliseconds to connect (default 10000)"),
    setting(
        "upstreams.*.fallbacks",
        "names of the upstreams that are asked in its place when it fails, in this order",
    ),
    setting(
        "upstreams.*.first_byte_timeout_ms",
        "milliseconds to the head of the answer (default 600000)",
    ),
    setting("upstreams.*.http_version", "auto (2 where TLS negotiates it), 1 or 2 (default auto)"),
    setting(
        "upstreams.*.idle_timeout_ms",
        "milliseconds between two pieces of an answer (default 300000)",
    ),
    setting(
        "upstreams.*.max_answer_bytes",
        "bytes of the largest answer that is no stream (default 67108864)",
    ),
    setting(
        "upstreams.*.model_names",
        "FROM=TO with commas between them: what models are called here; * in FROM stands for any characters",
    ),
    setting(
        "upstreams.*.models",
        "names of the models it is asked for where a call names no upstream; * stands for any characters",
    ),
    setting("upstreams.*.query", "added to the query string, such as api-version=2024-10-21"),
    setting(
        "upstreams.*.retries",
        "times that a request it did not take is sent again, up to 10 (default 0)",
    ),
    setting("upstreams.*.retry_budget_percent", "such times in a hundred requests (default 20)"),
    setting(
        "upstreams.*.retry_max_wait_ms",
        "milliseconds of the longest wait before one (default 5000)",
    ),
    setting(
        "upstreams.*.retry_statuses",
        "statuses by which it says that it did not take a request (default 429, 503, 529)",
    ),
    setting(
        "upstreams.*.root_certificates",
        "path of a PEM file with the roots to trust in place of the system's",
    ),
    setting(
        "upstreams.*.total_timeout_ms",
        "milliseconds for a whole exchange (default: no limit)",
    ),
    setting(
        "vault.max_session_bytes",
        "bytes of the largest mapping that a session keeps (default 1048576)",
    ),
    setting("vault.ttl_ms", "milliseconds that an unused session is kept (default 3600000)"),
];

/// The key that an environment variable names, without its prefix: `SERVER_MAX_BODY_BYTES` is `server.max_body_bytes`,
/// `UPSTREAMS_OPENAI_BASE_URL` is `upstreams.openai.base_url`. A name that is no setting stays as it is.
pub(super) fn key_of_variable(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    SETTINGS.iter().find_map(|setting| key_if_named(setting.key, &name)).unwrap_or(name)
}

fn key_if_named(key: &str, name: &str) -> Option<String> {
    let Some((before, after)) = key.split_once(".*.") else {
        return (key.replace('.', "_") == name).then(|| key.to_owned());
    };
    let chosen =
        name.strip_prefix(before)?.strip_prefix('_')?.strip_suffix(after)?.strip_suffix('_')?;
    (!chosen.is_empty()).then(|| format!("{before}.{chosen}.{after}"))
}

/// The setting whose key is most like `key`, to be named in an error.
pub(super) fn nearest(key: &str) -> &'static str {
    SETTINGS
        .iter()
        .map(|setting| setting.key)
        .min_by_key(|known| strsim::levenshtein(known, key))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_name_settings() {
        assert_eq!(key_of_variable("SERVER_MAX_BODY_BYTES"), "server.max_body_bytes");
        assert_eq!(key_of_variable("UPSTREAMS_MY_MODEL_BASE_URL"), "upstreams.my_model.base_url");
        assert_eq!(key_of_variable("NONSENSE"), "nonsense");
    }

    #[test]
    fn misspelt_key_is_told_the_right_one() {
        assert_eq!(nearest("server.max_bdy_bytes"), "server.max_body_bytes");
    }

    #[test]
    fn table_is_sorted() {
        assert!(SETTINGS.windows(2).all(|pair| pair[0].key < pair[1].key));
    }
}
