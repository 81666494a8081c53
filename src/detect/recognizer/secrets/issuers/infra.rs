//! Secret stores, infrastructure as code, networks, keys of people and machines.

use super::{super::check, Kind, kind};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    kind("vault_token", &["hvs.<t90-300>", "hvs.<t24>"]).check(check::vault),
    kind("vault_token_of_odd_length", &["hvs.<t25-89>"]).check(check::vault_odd),
    kind("vault_batch_token", &["hvb.<t100-300>", "hvr.<t24-300>"]).check(check::mixed),
    kind("vault_legacy_token", &["s.<w24>", "b.<t24>"]).check(check::vault_legacy),
    kind("terraform_cloud_token", &["<w14>.atlasv1.<v60-70>", "<w14>.atlasv1.<v50-80>"]).check(check::mixed),
    kind("pulumi_token", &["pul-<h40>"]),
    kind("doppler_token", &["dp.pt.<w40-44>", "dp.ct.<w40-44>", "dp.sa.<w40-44>", "dp.scim.<w40-44>", "dp.audit.<w40-44>",
        "dp.said.<w40-44>", "dp.st.<t2-35>.<w40-44>", "dp.st.<w40-44>"]),
    kind("onepassword_service_token", &["ops_eyJ<e200-1500>"]),
    kind("onepassword_secret_key", &["A3-<u6>-<u11>-<u5>-<u5>-<u5>", "A3-<u6>-<u6>-<u5>-<u5>-<u5>-<u5>"]).check(check::mixed),
    kind("bitwarden_token", &["0.<uuid>.<w30>:<b22>"]),
    kind("infisical_token", &["st.<h24>.<h32>.<h32>", "st.<uuid>.<h32>.<h32>"]),
    kind("tailscale_key", &["tskey-auth-<w5-40>-<w8-64>", "tskey-client-<w5-40>-<w8-64>", "tskey-api-<w5-40>-<w8-64>",
        "tskey-webhook-<w5-40>-<w8-64>", "tskey-scim-<w5-40>-<w8-64>", "tskey-<w8-40>-<w8-64>"]),
    kind("netbird_token", &["nbp_<w36>"]),
    kind("defined_networking_token", &["dnkey-<t26>-<t52>"]),
    kind("age_secret_key", &["AGE-SECRET-KEY-1<u58>", "AGE-SECRET-KEY-PQ-1<u58>", "AGE-PLUGIN-<u2-20>-1<u20-200>"]),
    kind("kubernetes_bootstrap_token", &["K10<h64>::server:<h32>", "K10<h64>::<t4-20>:<h32>"]),
    kind("rancher_token", &["token-<l5>:<l54>", "kubeconfig-user-<l5>:<l54>", "kubeconfig-u-<l10>:<l54>"]),
    kind("zuplo_key", &["zpka_<w32>_<h8>"]),
    kind("encoded_jwt", &["ZXlK<e60-1500>"]).check(check::random),
    kind("ngrok_auth_token", &["1<w26>_<w21>", "2<w26>_<w21>", "3<w26>_<w21>"]).check(check::random),
    kind("nightfall_key", &["NF-<w32>"]).check(check::random),
    kind("prefect_token", &["pnu_<w36>", "pnb_<w36>"]).check(check::mixed),
    kind("turbot_token", &["tpt_<l20>_<l25>"]),
    kind("steampipe_token", &["spt_<l20>_<l25>"]),
    kind("jumpcloud_key", &["jca_<w36>"]).check(check::mixed),
    kind("paseto", &["v1.local.<t40-1500>", "v2.local.<t40-1500>", "v3.local.<t40-1500>", "v4.local.<t40-1500>", "v2.public.<t80-1500>",
        "v3.public.<t80-1500>", "v4.public.<t80-1500>"]).check(check::random),
    kind("nats_seed", &["SU<s56>", "SA<s56>", "SO<s56>", "SN<s56>", "SC<s56>"]).check(check::nats),
    kind("stellar_seed", &["S<s55>"]).check(check::nats),
];
