//! Databases, storage, streams and search.

use super::{super::check, Kind, kind};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    kind("planetscale_password", &["pscale_pw_<v32-64>"]),
    kind("planetscale_token", &["pscale_tkn_<v32-64>", "pscale_oauth_<v32-64>"]),
    kind("supabase_token", &["sbp_<h40>", "sbp_v0_<h40>", "sbp_oauth_<h40>"]).check(check::mixed),
    kind("supabase_secret_key", &["sb_secret_<t22>_<t8>", "sb_secret_<t31>"]),
    kind("neon_key", &["napi_<l60-70>"]).check(check::mixed),
    kind("mongodb_atlas_service_secret", &["mdb_sa_sk_<t40>"]),
    kind("databricks_token", &["dapi<h32>", "dapi<h32>-<d1>", "dkea<h32>", "dose<h32>"]).check(check::mixed),
    kind("confluent_secret", &["cflt<b60>", "cflt<w40-64>"]).check(check::random),
    kind("clickhouse_key", &["4b1d<w38>"]).check(check::random),
    kind("tinybird_token", &["p.eyJ<t40-400>.<t43>"]),
    kind("ably_key", &["<w6>.<w6>:<t43>"]).check(check::random),
    kind("pubnub_secret_key", &["sec-c-<t40-60>"]).check(check::mixed),
    kind("fauna_key", &["fnAE<t36>", "fnAD<t36>", "fnAF<t36>"]),
    kind("xata_key", &["xau_<w28-60>"]),
    kind("aiven_token", &["aivenv1_<b150-300>", "AVNS_<t19>"]),
    kind("convex_key", &["prod:<l5-40>|<e40-300>", "dev:<l5-40>|<e40-300>"]),
    kind("cockroach_key", &["CCDB1_<w22>_<w40>"]),
    kind("axiom_token", &["xaat-<uuid>", "xapt-<uuid>", "xait-<uuid>"]),
    kind("segment_token", &["sgp_<t60-100>", "sgp_<w64>"]).check(check::random),
    kind("dbt_token", &["dbtc_<t40-60>", "dbtu_<t40-60>", "dbts_<t40-60>"]),
    kind("census_key", &["secret-token:<w24>", "secret-token:<t20-64>"]),
    kind("hex_token", &["hxtp_<h90-100>", "hxtw_<h90-100>"]),
    kind("contentful_token", &["CFPAT-<t43>"]),
    kind("sanity_token", &["sk<w80-180>"]).check(check::random),
    kind("storyblok_token", &["sb-<w22>tt"]).check(check::random),
    kind("prismic_token", &["MC5<t20-60>.<t40-140>"]).check(check::random),
    kind("truenas_key", &["<d1-3>-<w64>"]).check(check::random),
];
