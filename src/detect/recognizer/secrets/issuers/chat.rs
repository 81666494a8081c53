//! Messengers, mail, text messages and calls.

use super::{super::check, Kind, kind};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    kind("slack_bot_token", &["xoxb-<d5-14>-<d5-14>-<w18-34>", "xoxb-<d8-14>-<d8-14>"]).check(check::form),
    // Legacy custom bots: Slack ended them on 2025-03-31.
    kind("slack_legacy_bot_token", &["xoxb-<d8-14>-<w18-34>"]).check(check::withdrawn),
    kind("slack_user_token", &["xoxp-<d10-13>-<d10-13>-<d10-13>-<w28-34>", "xoxe-<d10-13>-<d10-13>-<d10-13>-<w28-34>",
        "xoxp-<d10-13>-<d10-13>-<w20-34>"]),
    kind("slack_config_token", &["xoxe.xoxp-<d1>-<w163-166>", "xoxe.xoxb-<d1>-<w163-166>"]),
    kind("slack_refresh_token", &["xoxe-<d1>-<w146>"]),
    kind("slack_legacy_token", &["xoxo-<d4-14>-<d4-14>-<d4-14>-<h8-64>", "xoxs-<d4-14>-<d4-14>-<d4-14>-<h8-64>",
        "xoxa-<d1>-<w12-48>", "xoxr-<d1>-<w12-48>", "xoxa-<w12-48>", "xoxr-<w12-48>", "xoxa-<d4-14>-<d4-14>-<d4-14>-<h8-64>",
        "xoxr-<d4-14>-<d4-14>-<d4-14>-<h8-64>"]).check(check::mixed),
    kind("slack_client_token", &["xoxc-<d10-14>-<d10-14>-<d10-14>-<h64>", "xoxd-<e20-300>"]).check(check::mixed),
    kind("slack_app_token", &["xapp-<d1>-<u9-13>-<d10-14>-<w60-70>", "xapp-<d1>-<u6-20>-<d6-20>-<l20-90>"]).check(check::mixed),
    kind("telegram_bot_token", &["<d5-16>:A<t34>", "<d8-10>:AA<t32-33>"]).check(check::mixed),
    kind("discord_bot_token", &["M<t23-25>.<t6>.<t27-38>", "N<t23-25>.<t6>.<t27-38>", "O<t23-25>.<t6>.<t27-38>", "mfa.<t84>"]).check(check::random),
    kind("intercom_token", &["dG9rOg<e44-80>"]),
    kind("sendgrid_key", &["SG.<t22>.<t43>", "SG.<t16-32>.<t16-64>", "SG.<v66>"]).check(check::mixed),
    kind("mailgun_key", &["key-<h32>", "pubkey-<h32>", "<h32>-<h8>-<h8>"]).check(check::mixed),
    kind("mailchimp_key", &["<h32>-us<d1-2>"]).check(check::mixed),
    kind("mandrill_key", &["md-<t22>"]).check(check::random),
    kind("brevo_key", &["xkeysib-<h64>-<w16>", "xsmtpsib-<h64>-<w16>"]),
    kind("resend_key", &["re_<w8>_<w24>"]).check(check::random),
    kind("twilio_key", &["SK<h32>"]).check(check::mixed),
    kind("telnyx_key", &["KEY<h32>_<w22>"]),
    kind("onesignal_key", &["os_v2_app_<l80-120>", "os_v2_org_<l80-120>"]),
    kind("matrix_token", &["syt_<t30-100>", "mct_<w30>_<w6>"]).check(check::random),
    kind("webex_token", &["<w64>_<w4>_<uuid>"]),
    kind("mailersend_token", &["mlsn.<h64>"]).check(check::mixed),
    kind("lark_token", &["t-<w32>", "u-<w32>"]).check(check::random),
];
