//! Logs, metrics, traces, errors, incidents, product analytics, feature flags.

use super::{super::check, Kind, kind};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    kind("grafana_service_token", &["glsa_<w32>_<h8>"]),
    kind("grafana_cloud_token", &["glc_<e32-400>", "glpl_<w32>_<h8>"]).check(check::mixed),
    kind("grafana_api_key", &["eyJrIjoi<e60-400>"]),
    kind("new_relic_user_key", &["NRAK-<u27>"]).check(check::mixed),
    kind("new_relic_license_key", &["<h36>NRAL", "eu01xx<h30>NRAL", "eu01x<h31>NRAL", "<h32>FFFFNRAL", "us01xx<h30>NRAL", "jp01xx<h30>NRAL",
        "gov01x<h30>NRAL"]),
    kind("new_relic_insert_key", &["NRII-<t32>", "NRIQ-<t32>"]).check(check::mixed),
    kind("new_relic_browser_key", &["NRJS-<h19>", "NRBR-<h19>", "NRRA-<h42>", "NRAA-<h27>", "NRSP-<w4>-<t20-60>"]).check(check::mixed),
    kind("new_relic_pixie_key", &["px-api-<uuid>", "px-dep-<uuid>"]),
    kind("sentry_org_token", &["sntrys_eyJ<e40-600>"]).check(check::mixed),
    kind("sentry_user_token", &["sntryu_<h64>", "sntrya_<h64>", "sntryi_<h64>"]),
    kind("datadog_client_token", &["pub<h32>"]).check(check::mixed),
    kind("honeycomb_key", &["hcaik_<l58>", "hcbik_<l58>", "hcxik_<l58>", "hcaic_<l58>", "hcamk_<l58>", "hcalk_<l58>", "hcxmk_<l58>"]),
    kind("dynatrace_token", &["dt0c01.<u24>.<u64>", "dt0s01.<u8-24>.<u64>", "dt0s02.<u8-24>.<u64>", "dt0s03.<u8-24>.<u64>",
        "dt0s06.<u8-24>.<u64>", "dt0s08.<u8-24>.<u64>", "dt0s16.<u8-24>.<u64>", "dt0a01.<u8-24>.<u64>"]),
    kind("logfire_token", &["pylf_v1_us_<w43>", "pylf_v1_eu_<w43>", "pylf_v2_us_<w40-60>", "pylf_v2_eu_<w40-60>"]),
    kind("posthog_key", &["phc_<w40-50>", "phx_<w40-50>", "phs_<w40-60>", "pha_<w40-60>", "phr_<w40-60>"]).check(check::mixed),
    kind("launchdarkly_key", &["sdk-<uuid>", "mob-<uuid>", "api-<uuid>", "rel-<uuid>"]),
    kind("statsig_key", &["secret-<w43>", "console-<w43>"]).check(check::random),
    kind("configcat_key", &["configcat-sdk-1/<t22>/<t22>"]),
    kind("split_key", &["sdk_<l48>"]),
    kind("unleash_token", &["*:production.<h56>", "*:development.<h56>", "default:production.<h56>", "default:development.<h56>"]),
    kind("infracost_key", &["ico-<w32>"]).check(check::mixed),
    kind("wakatime_key", &["waka_<uuid>"]),
    kind("coralogix_key", &["cxtp_<w28-32>", "cxup_<w28-32>"]).check(check::mixed),
    kind("checkly_key", &["cu_<h32>", "sv_<h32>"]).check(check::mixed),
    kind("rootly_token", &["rootly_<h64>"]),
    kind("elastic_key", &["essu_<b30-200>"]).check(check::mixed),
];
