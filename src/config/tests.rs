use super::*;

fn said(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Everything {
    let mut said = Everything::default();
    said.add_file("guard.yaml", file).unwrap();
    said.add_environment(
        variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    );
    flags.iter().for_each(|(key, text)| said.add_flag("--set", *key, *text));
    said
}

#[track_caller]
fn check_faults(file: &str, expected: &[&str]) {
    let faults = Config::from_said(said(file, &[], &[])).unwrap_err();
    let lines: Vec<String> = faults.0.iter().map(ToString::to_string).collect();
    assert_eq!(lines, expected);
}

#[test]
fn nothing_said_means_the_defaults() {
    let config = Config::from_said(Everything::default()).unwrap();
    assert_eq!(config.server, ServerConfig::default());
    assert_eq!(config.policy, PolicyConfig::default());
    assert!(config.upstreams.is_empty() && config.redis.is_none());
}

#[test]
fn flags_win_over_the_environment_which_wins_over_the_file() {
    let file = "server:\n  max_body_bytes: 1\n  max_in_flight: 1\n  drain_ms: 1\n";
    let variables = [
        ("PROMPT_GUARD_SERVER_MAX_IN_FLIGHT", "2"),
        ("PROMPT_GUARD_SERVER_DRAIN_MS", "2"),
        ("HOME", "/"),
    ];
    let config = Config::from_said(said(file, &variables, &[("server.drain_ms", "3")])).unwrap();
    assert_eq!(config.server.max_body_bytes, 1);
    assert_eq!(config.server.max_in_flight, 2);
    assert_eq!(config.server.drain, Duration::from_millis(3));
}

#[test]
fn upstreams_are_read_by_name() {
    let file = "upstreams:\n  b:\n    base_url: http://127.0.0.1:1\n  a:\n    base_url: http://127.0.0.1:2/x\n    idle_timeout_ms: 5\n";
    let config = Config::from_said(said(file, &[], &[])).unwrap();
    let names: Vec<&str> = config.upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(config.upstreams[0].idle_timeout, Duration::from_millis(5));
}

#[test]
fn lists_of_an_upstream_may_be_lists_or_texts() {
    let file = "upstreams:\n  a:\n    base_url: http://127.0.0.1:1\n    models: [\"gpt-*\", o1]\n    model_names: \"a=b, c = d=e\"\n    retry_statuses: [429, 502]\n";
    let config = Config::from_said(said(file, &[], &[])).unwrap();
    let upstream = &config.upstreams[0];
    assert_eq!(upstream.models, ["gpt-*", "o1"]);
    let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(upstream.model_names, [pair("a", "b"), pair("c", "d=e")]);
    assert_eq!(upstream.retry.statuses, [429, 502]);
}

#[test]
fn proxies_of_all_programs_are_read_unless_the_guard_has_its_own() {
    let file = "proxy:\n  https: http://own.example:1\nupstreams:\n  a:\n    base_url: http://127.0.0.1:1\n";
    let variables = [
        ("HTTPS_PROXY", "http://common.example:1"),
        ("http_proxy", "http://common.example:2"),
        ("NO_PROXY", ""),
        ("PROMPT_GUARD_PROXY_BYPASS", "a.example"),
    ];
    let config = Config::from_said(said(file, &variables, &[])).unwrap();
    let proxy = &config.upstreams[0].proxy;
    assert_eq!(proxy.https.as_ref().unwrap().expose(), "http://own.example:1");
    assert_eq!(proxy.http.as_ref().unwrap().expose(), "http://common.example:2");
    assert_eq!(proxy.bypass.as_deref(), Some("a.example"));
}

/// It is set for all programs of the machine, and most pass over what they cannot read.
#[test]
fn an_odd_entry_is_a_fault_only_where_it_was_said_to_the_guard() {
    let upstream = "upstreams:\n  a:\n    base_url: http://h:1\n";
    let read = |variable: &str| {
        let variables = [("http_proxy", "http://p:1"), (variable, "10.0.0.0/99,h2")];
        Config::from_said(said(upstream, &variables, &[]))
    };
    for variable in ["NO_PROXY", "no_proxy"] {
        let config = read(variable).unwrap();
        assert_eq!(config.upstreams[0].proxy.bypass.as_deref(), Some("10.0.0.0/99,h2"));
        assert!(config.upstreams[0].proxy.passes_over());
    }
    let faults = read("PROMPT_GUARD_PROXY_BYPASS").unwrap_err().to_string();
    assert!(faults.contains("10.0.0.0/99 is no network"), "{faults}");
}

#[test]
fn all_faults_are_reported_at_once_with_place_and_remedy() {
    check_faults(
        "server:\n  listen: here\n  max_bdy_bytes: 3\ncache:\n  mode: always\n",
        &[
            "server.listen (guard.yaml) is `here`; write an address and port such as 127.0.0.1:8000 or [::1]:8000",
            "cache.mode (guard.yaml) is `always`; write one of off, deterministic, all",
            "server.max_bdy_bytes (guard.yaml) is no setting; remove it, or write server.max_body_bytes",
        ],
    );
}

#[test]
fn what_would_do_nothing_or_fail_at_work_is_a_fault() {
    check_faults(
        "vault:\n  ttl_ms: 0\n  max_session_bytes: 0\ncache:\n  ttl_ms: 0\n  max_bytes: 1000\n  max_entry_bytes: 1001\nrate_limit:\n  burst: 5\nserver:\n  cors:\n    allow_credentials: true\n    allowed_headers: x-a\n",
        &[
            "server.cors.allowed_headers is set, and no page of another origin may call; name the origins in server.cors.allowed_origins, or remove it",
            "server.cors.allow_credentials is true, and no page of another origin may call; name the origins in server.cors.allowed_origins, or remove it",
            "rate_limit.burst is set without a limit of one caller, and does nothing; set rate_limit.per_minute or rate_limit.per_hour, or remove it",
            "cache.ttl_ms is 0, which would keep nothing (cache.mode: off); write 1 or more",
            "cache.max_entry_bytes is more than cache.max_bytes, so that such an entry has no room; write 1000 or less",
            "vault.ttl_ms is 0, which would keep no session; write 1 or more",
            "vault.max_session_bytes is 0, which would refuse every call; write 1 or more",
        ],
    );
}

#[test]
fn statuses_that_are_none_are_a_fault() {
    check_faults(
        "upstreams:\n  a:\n    base_url: http://127.0.0.1:1\n    retry_statuses: \"\"\n",
        &[
            "upstreams.a.retry_statuses names no status; name some, or remove it (retries: 0 sends nothing again)",
        ],
    );
}

#[test]
fn faulty_secret_is_not_repeated() {
    let faults = Config::from_said(said("keys:\n  secret: hunter2\n", &[], &[])).unwrap_err();
    assert!(!faults.to_string().contains("hunter2"), "{faults}");
}

/// `check-config` promises to find what `serve` would stumble over.
#[test]
fn what_the_parts_refuse_is_a_fault_too() {
    let file = "redis:\n  url: http://:hunter2@h\ntelemetry:\n  log: info=loud\n  otlp_endpoint: collector:4317\n";
    let faults = Config::from_said(said(file, &[], &[])).unwrap_err();
    let text = faults.to_string();
    assert_eq!(faults.0.len(), 3, "{text}");
    for part in ["redis.url", "log filter", "otlp_endpoint"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

/// Each of them would start and then do nothing right.
#[test]
fn what_would_fail_at_work_is_a_fault_before() {
    let upstream = "upstreams:\n  o:\n    base_url: http://llm.example\n";
    for (lines, fault) in [
        (
            "server:\n  admin_listen: 127.0.0.1:8000\n",
            "server.admin_listen is an address of server.listen too",
        ),
        (
            "server:\n  grpc_listen: 0.0.0.0:8000\n",
            "server.grpc_listen is an address of server.listen too",
        ),
        (
            "server:\n  grpc_listen: \"[::]:9\"\n  admin_listen: \"[::]:9\"\n",
            "server.admin_listen is an address of server.grpc_listen too",
        ),
        (
            "server:\n  listen: 127.0.0.1:9\n  admin_listen: \"[::]:9\"\n",
            "server.admin_listen is an address of server.listen too",
        ),
        (
            "server:\n  listen: \"[::ffff:127.0.0.1]:9\"\n  admin_listen: 0.0.0.0:9\n",
            "server.admin_listen is an address of server.listen too",
        ),
        ("server:\n  max_body_bytes: 0\n", "server.max_body_bytes is 0"),
        ("redis:\n  url: redis://h\n  timeout_ms: 0\n", "redis.timeout_ms is 0"),
        ("vault:\n  ttl_ms: 315360000001\n", "of ten years at most"),
        ("telemetry:\n  otlp_endpoint: http://h:0\n", "has a port that is none"),
        ("telemetry:\n  log: verbose\n", "`verbose` in the log filter is no level"),
        ("proxy:\n  http: http://u:hunter2@h:99999\n", "upstreams.o.proxy"),
        ("proxy:\n  http: http://h:1\n  bypass: 10.0.0.0/99\n", "10.0.0.0/99 is no network"),
    ] {
        let text = Config::from_said(said(&format!("{upstream}{lines}"), &[], &[])).unwrap_err();
        let text = text.to_string();
        assert!(text.contains(fault) && !text.contains("hunter2"), "{text}");
    }
    let apart = "server:\n  listen: \"[::1]:9\"\n  admin_listen: 0.0.0.0:9\n";
    assert!(Config::from_said(said(&format!("{upstream}{apart}"), &[], &[])).is_ok());
    let free = "server:\n  listen: 127.0.0.1:0\n  grpc_listen: 127.0.0.1:0\n  admin_listen: 127.0.0.2:8000\n";
    assert!(Config::from_said(said(&format!("{upstream}{free}"), &[], &[])).is_ok());
    check_faults(
        "upstreams:\n  o:\n    base_urls: [http://a, http://b, http://a/]\n    api_key: \"\"\n",
        &[
            "upstreams.o.api_key (guard.yaml) is empty; write a text that is not empty",
            "upstreams.o.base_urls names http://a twice; name it once; mend it",
        ],
    );
    let file =
        "upstreams:\n  o:\n    base_urls: [http://a, http://u:hunter2@b, http://u:hunter2@b]\n";
    let text = Config::from_said(said(file, &[], &[])).unwrap_err().to_string();
    assert!(text.contains("must hold no user or password") && !text.contains("hunter2"), "{text}");
}

#[test]
fn broken_file_is_not_quoted() {
    for file in ["keys:\n  secret: hunter2\n bad: [", "keys:\n  secret: \"hunter2\n", "a: {hunter2"]
    {
        let fault = Everything::default().add_file("guard.yaml", file).unwrap_err().to_string();
        assert!(fault.contains("guard.yaml") && !fault.contains("hunter2"), "{fault}");
    }
}

#[test]
fn debug_output_hides_what_was_said() {
    let said = said("keys:\n  secret: hunter2\n", &[], &[("redis.url", "redis://:hunter2@h")]);
    assert!(!format!("{said:?}").contains("hunter2"), "{said:?}");
}

#[test]
fn ways_to_redis_are_settings_that_go_together() {
    let faults = |lines: &str| {
        let file = format!("redis:\n  url: redis://:hunter2@a,b\n{lines}");
        Config::from_said(said(&file, &[], &[])).err().map(|faults| faults.to_string())
    };
    assert_eq!(faults("  mode: cluster\n"), None);
    assert_eq!(faults("  mode: sentinel\n  sentinel_master: m\n  sentinel_password: p\n"), None);
    for (lines, setting) in [
        ("", "redis.url"),
        ("  mode: sentinel\n", "redis.sentinel_master"),
        ("  mode: cluster\n  sentinel_user: u\n", "redis.mode"),
        ("  mode: cluster\n  password: hunter2\n", "redis.password"),
        ("  mode: cluster\n  server_name: a\n", "redis.server_name"),
        ("  mode: ring\n", "single, sentinel, cluster"),
    ] {
        let text = faults(lines).unwrap();
        assert!(text.contains(setting) && !text.contains("hunter2"), "{text}");
        let takes_several = lines.contains("sentinel") || lines.contains("cluster\n");
        assert!(!takes_several || !text.contains("several hosts"), "one fault, not two: {text}");
    }
    let alone = Config::from_said(said("redis:\n  password: hunter2\n", &[], &[])).unwrap_err();
    assert!(alone.to_string().contains("redis.url"), "{alone}");
}

/// All but the files, which are where it is deployed.
#[test]
fn examples_for_redis_can_be_used() {
    for entry in std::fs::read_dir("deploy/redis").unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let faults = Config::from_said(said(&text, &[], &[])).unwrap_err();
        for fault in &faults.0 {
            assert!(fault.to_string().contains("/run/secrets/"), "{fault}");
        }
    }
}

#[test]
fn every_setting_of_the_table_is_read() {
    let mut said = Everything::default();
    for setting in settings::SETTINGS {
        said.add_flag("--set", setting.key.replace('*', "one"), "not a value: \u{1}");
    }
    let faults = Config::from_said(said).unwrap_err().to_string();
    assert!(!faults.contains("is no setting"), "{faults}");
}

#[test]
fn every_setting_is_documented() {
    let documented = include_str!("../../docs/CONFIGURATION.md");
    for setting in settings::SETTINGS {
        let row = format!("| `{}` | {} |", setting.key, setting.expects);
        assert!(documented.contains(&row), "docs/CONFIGURATION.md lacks the row {row}");
    }
}

#[test]
fn web_pages_of_other_origins_are_named_rightly_or_refused() {
    let file = "server:\n  cors:\n    allowed_origins: [https://App.example.org, \"http://localhost:*\"]\n    allow_credentials: true\n";
    let cors = Config::from_said(said(file, &[], &[])).unwrap().server.cors;
    assert_eq!(cors.allowed_origins[0], crate::rest::Origin::One("https://app.example.org".into()));
    assert!(cors.allow_credentials);
    check_faults(
        "server:\n  cors:\n    allowed_origins: https://example.org/app\n",
        &[
            "server.cors.allowed_origins (guard.yaml) is `https://example.org/app`; write origins with commas between them, such \
           as https://app.example.org, https://*.example.org or http://localhost:*, or * for all",
        ],
    );
    check_faults(
        "server:\n  cors:\n    allowed_origins: \"*\"\n    allow_credentials: true\n",
        &[
            "server.cors.allow_credentials is true for the pages of all origins; name the origins in \
           server.cors.allowed_origins",
        ],
    );
}
