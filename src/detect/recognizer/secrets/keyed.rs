//! Keys that nothing tells but the issuer's name beside them: `datadog_api_key = <32 hexadecimal digits>`.

use super::{
    check,
    layout::Layout,
    random,
    tokens::{NAME_REACH, Token},
};
use crate::detect::seen::suffix;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What an issuer's keys look like, and the words that name it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keyed {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
    pub(super) forms: &'static [&'static str],
}

const fn keyed(
    name: &'static str,
    words: &'static [&'static str],
    forms: &'static [&'static str],
) -> Keyed {
    Keyed { name, words, forms }
}

#[rustfmt::skip]
pub(super) static KEYED: &[Keyed] = &[
    keyed("aws_secret_key", &["aws", "secret_access_key", "secretaccesskey"], &["<b40>"]),
    keyed("aws_session_token", &["session_token", "sessiontoken"], &["<e100-1500>"]),
    keyed("azure_key", &["azure", "cognitive", "bing"], &["<h32>", "<b86>==", "<l52>", "<b43>="]),
    keyed("alibaba_secret_key", &["alibaba", "aliyun"], &["<w30>"]),
    keyed("tencent_secret_key", &["tencent", "qcloud"], &["<w32>"]),
    keyed("ibm_cloud_key", &["ibm", "watson", "bluemix"], &["<t44>"]),
    keyed("linode_token", &["linode"], &["<h64>"]),
    keyed("vultr_key", &["vultr"], &["<u36>"]),
    keyed("hetzner_token", &["hetzner", "hcloud"], &["<w64>"]),
    keyed("scaleway_secret_key", &["scaleway", "scw"], &["<uuid>"]),
    keyed("huawei_secret_key", &["huaweicloud", "hwcloud"], &["<w40>"]),
    keyed("ovh_key", &["ovh"], &["<w16>", "<w32>"]),
    keyed("heroku_api_key", &["heroku"], &["<uuid>"]),
    keyed("cloudflare_token", &["cloudflare", "cf_api"], &["<t40>", "<h37>"]),
    keyed("fastly_token", &["fastly"], &["<t32>"]),
    keyed("netlify_legacy_token", &["netlify"], &["<t40-46>"]),
    keyed("vercel_legacy_token", &["vercel", "zeit"], &["<w24>"]),
    keyed("railway_token", &["railway"], &["<uuid>"]),
    keyed("bunny_key", &["bunny"], &["<h8>-<h4>-<h4>-<h12>-<h4>-<h4>", "<uuid>"]),
    keyed("backblaze_key", &["backblaze", "b2_"], &["K00<w1><b27>", "<h25>"]),
    keyed("akamai_secret", &["akamai"], &["<b43>="]),
    keyed("cisco_meraki_key", &["meraki"], &["<h40>"]),
    keyed("bitbucket_client_secret", &["bitbucket"], &["<t32>", "<t64>"]),
    keyed("gitlab_session", &["_gitlab_session"], &["<h32>"]),
    keyed("gitea_token", &["gitea", "forgejo", "gogs", "codeberg"], &["<h40>"]),
    keyed("gitter_token", &["gitter"], &["<t40>"]),
    keyed("travis_token", &["travis"], &["<t22>"]),
    keyed("drone_token", &["drone"], &["<w32>"]),
    keyed("circleci_legacy_token", &["circle"], &["<h40>"]),
    keyed("codecov_token", &["codecov"], &["<w32>", "<uuid>"]),
    keyed("coveralls_token", &["coveralls"], &["<w32>"]),
    keyed("jenkins_token", &["jenkins", "crumb"], &["<h32>", "<h34>", "<uuid>"]),
    keyed("teamcity_legacy_token", &["teamcity"], &["<w32-64>"]),
    keyed("snyk_legacy_token", &["snyk"], &["<uuid>"]),
    keyed("sonar_legacy_token", &["sonar"], &["<w40>"]),
    keyed("jfrog_key", &["jfrog", "artifactory", "bintray", "xray"], &["<w73>", "<w64>"]),
    keyed("quay_token", &["quay"], &["<u80>", "<w40>"]),
    keyed("npm_legacy_token", &["_authtoken", "npm_auth"], &["<uuid>"]),
    keyed("hex_pm_key", &["hex_api", "hexpm"], &["<h32>"]),
    keyed("chocolatey_key", &["choco"], &["<uuid>"]),
    keyed("rapidapi_legacy_key", &["rapidapi"], &["<t50>"]),
    keyed("cohere_key", &["cohere", "co_api"], &["<w40>"]),
    keyed("mistral_key", &["mistral"], &["<w32>"]),
    keyed("deepgram_key", &["deepgram"], &["<h40>"]),
    keyed("assemblyai_key", &["assemblyai", "assembly_ai"], &["<h32>"]),
    keyed("together_legacy_key", &["together"], &["<h64>"]),
    keyed("pinecone_legacy_key", &["pinecone"], &["<uuid>"]),
    keyed("wandb_key", &["wandb"], &["<h40>"]),
    keyed("serpapi_key", &["serpapi", "serp_api"], &["<h64>"]),
    keyed("clarifai_key", &["clarifai"], &["<h32>"]),
    keyed("private_ai_key", &["private"], &["<l32>"]),
    keyed("azure_openai_key", &["openai"], &["<h32>"]),
    keyed("baseten_key", &["baseten"], &["<w8>.<w32>"]),
    keyed("roboflow_key", &["roboflow"], &["<w20>"]),
    keyed("rev_ai_key", &["revai", "rev_ai"], &["<t59>"]),
    keyed("discord_client_secret", &["discord"], &["<t32>", "<h64>", "<d17-19>"]),
    keyed("mattermost_token", &["mattermost"], &["<l26>"]),
    keyed("messagebird_key", &["messagebird", "message_bird", "message-bird"], &["<l25>", "<uuid>"]),
    keyed("vonage_secret", &["vonage", "nexmo"], &["<w16>"]),
    keyed("plivo_token", &["plivo"], &["<w40>"]),
    keyed("twilio_auth_token", &["twilio"], &["<h32>"]),
    keyed("postmark_token", &["postmark"], &["<uuid>"]),
    keyed("mailjet_key", &["mailjet"], &["<h32>"]),
    keyed("sparkpost_key", &["sparkpost"], &["<h40>"]),
    keyed("mailgun_signing_key", &["mailgun"], &["<h32>", "<h32>-<h8>-<h8>"]),
    keyed("customer_io_key", &["customerio", "customer_io"], &["<h20>", "<h32>"]),
    keyed("klaviyo_key", &["klaviyo"], &["pk_<h34>"]),
    keyed("sendbird_key", &["sendbird"], &["<h40>", "<uuid>"]),
    keyed("intercom_legacy_key", &["intercom"], &["<e60>"]),
    keyed("onesignal_legacy_key", &["onesignal", "one_signal"], &["<b48>", "<uuid>"]),
    keyed("pusher_secret", &["pusher"], &["<h20>"]),
    keyed("pushover_token", &["pushover"], &["<l30>"]),
    keyed("beamer_token", &["beamer"], &["b_<t44>"]),
    keyed("zulip_key", &["zulip"], &["<w32>"]),
    keyed("line_token", &["line_channel", "channel_secret", "channel_access_token"], &["<h32>", "<b171>="]),
    keyed("paypal_secret", &["paypal"], &["<t80>", "<t32-80>"]),
    keyed("braintree_key", &["braintree"], &["<h32>", "<l16>"]),
    keyed("adyen_hmac_key", &["adyen"], &["<h64>"]),
    keyed("plaid_key", &["plaid"], &["<w24>", "<w30>"]),
    keyed("finicity_key", &["finicity"], &["<h32>", "<w20>"]),
    keyed("finnhub_token", &["finnhub"], &["<w20>"]),
    keyed("freshbooks_token", &["freshbooks"], &["<w64>"]),
    keyed("gocardless_key", &["gocardless"], &["live_<t40>"]),
    keyed("etsy_key", &["etsy"], &["<l24>"]),
    keyed("lob_legacy_key", &["lob"], &["live_<h35>", "test_<h35>"]),
    keyed("quickbooks_secret", &["quickbooks", "intuit"], &["<w40>", "<w50>"]),
    keyed("xero_secret", &["xero"], &["<t48>", "<u32>"]),
    keyed("taxjar_key", &["taxjar"], &["<h32>"]),
    keyed("recurly_key", &["recurly"], &["<h32>"]),
    keyed("coinbase_key", &["coinbase"], &["<t64>", "<w16>", "<w32>"]),
    keyed("binance_key", &["binance"], &["<w64>"]),
    keyed("bitmex_key", &["bitmex"], &["<t24>", "<t48>"]),
    keyed("bitfinex_key", &["bitfinex"], &["<w43>"]),
    keyed("bittrex_key", &["bittrex"], &["<w32>"]),
    keyed("bybit_key", &["bybit"], &["<w18>", "<w36>"]),
    keyed("kraken_key", &["kraken"], &["<e80-90>", "<b56>"]),
    keyed("kucoin_key", &["kucoin"], &["<h24>", "<uuid>"]),
    keyed("okx_key", &["okx", "okex"], &["<uuid>", "<u32>"]),
    keyed("gate_io_key", &["gateio", "gate_io"], &["<h32>", "<h64>"]),
    keyed("infura_key", &["infura"], &["<h32>"]),
    keyed("alchemy_legacy_key", &["alchemy"], &["<t32>"]),
    keyed("etherscan_key", &["etherscan"], &["<u34>"]),
    keyed("moralis_key", &["moralis"], &["<w64>"]),
    keyed("confluent_key", &["confluent"], &["<w16>", "<b64>", "<w64>"]),
    keyed("contentful_delivery_key", &["contentful"], &["<t43>"]),
    keyed("mongodb_atlas_key", &["atlas", "mongodb"], &["<uuid>"]),
    keyed("algolia_key", &["algolia"], &["<l32>"]),
    keyed("elastic_legacy_key", &["elastic"], &["<w24>", "<b60>"]),
    keyed("snowflake_token", &["snowflake"], &["<e100-400>"]),
    keyed("upstash_key", &["upstash", "qstash"], &["<e40-120>"]),
    keyed("firebase_key", &["firebase", "fcm"], &["<e140-180>"]),
    keyed("particle_token", &["particle"], &["<h40>"]),
    keyed("kagi_session", &["kagi"], &["<t43>.<t43>"]),
    keyed("blynk_token", &["blynk"], &["<t32>"]),
    keyed("thingsboard_token", &["thingsboard", "provisiondevicekey", "provisiondevicesecret"], &["<l20>"]),
    keyed("segment_key", &["segment"], &["<w32>", "<t54>", "<t43>.<t43>"]),
    keyed("datadog_key", &["datadog", "dd_api", "dd_app", "ddog"], &["<h32>", "<w40>"]),
    keyed("new_relic_key", &["newrelic", "new_relic", "new-relic", "license_key"], &["<w64>", "<h40>"]),
    keyed("sentry_token", &["sentry"], &["<h64>", "<h32>"]),
    keyed("honeycomb_legacy_key", &["honeycomb"], &["<h32>", "<w22>"]),
    keyed("sumologic_key", &["sumo"], &["<w64>"]),
    keyed("splunk_token", &["splunk", "hec_token"], &["<uuid>"]),
    keyed("loggly_token", &["loggly"], &["<uuid>"]),
    keyed("logzio_token", &["logz"], &["<w32>", "<uuid>"]),
    keyed("logdna_key", &["logdna"], &["<h32>"]),
    keyed("papertrail_token", &["papertrail"], &["<w20>"]),
    keyed("rollbar_token", &["rollbar"], &["<h32>"]),
    keyed("bugsnag_key", &["bugsnag"], &["<h32>"]),
    keyed("airbrake_key", &["airbrake"], &["<h32>"]),
    keyed("appdynamics_key", &["appdynamics"], &["<l32>", "<uuid>"]),
    keyed("pagerduty_key", &["pagerduty", "pager_duty"], &["<t20>", "<h32>"]),
    keyed("opsgenie_key", &["opsgenie"], &["<uuid>"]),
    keyed("statuspage_key", &["statuspage"], &["<uuid>", "<w36>"]),
    keyed("mixpanel_secret", &["mixpanel"], &["<h32>"]),
    keyed("amplitude_secret", &["amplitude"], &["<h32>"]),
    keyed("launchdarkly_token", &["launchdarkly"], &["<t40>"]),
    keyed("optimizely_token", &["optimizely"], &["<t54>"]),
    keyed("adobe_client_key", &["adobe"], &["<h32>"]),
    keyed("airtable_legacy_key", &["airtable"], &["<w17>"]),
    keyed("asana_secret", &["asana"], &["<l32>", "<d16>"]),
    keyed("atlassian_legacy_token", &["atlassian", "confluence", "jira"], &["<l24>", "<w24>"]),
    keyed("linear_secret", &["linear"], &["<h32>"]),
    keyed("trello_key", &["trello"], &["<h32>", "<h64>"]),
    keyed("monday_token", &["monday"], &["<h32>"]),
    keyed("figma_legacy_token", &["figma"], &["<d6>-<uuid>"]),
    keyed("box_secret", &["box_", "boxclient"], &["<w32>"]),
    keyed("zoho_legacy_token", &["zoho"], &["<h32>"]),
    keyed("zendesk_token", &["zendesk"], &["<w40>"]),
    keyed("freshdesk_key", &["freshdesk", "freshservice"], &["<w20>"]),
    keyed("hubspot_key", &["hubspot", "hapikey"], &["<uuid>"]),
    keyed("pipedrive_token", &["pipedrive"], &["<h40>"]),
    keyed("typeform_legacy_token", &["typeform"], &["<t44>"]),
    keyed("okta_client_secret", &["okta"], &["<t40>", "<t42>", "<t64>"]),
    keyed("auth0_secret", &["auth0"], &["<t64>", "<w32>"]),
    keyed("duo_secret_key", &["duo_", "duo skey", "duosecurity"], &["<w40>"]),
    keyed("onelogin_key", &["onelogin"], &["<h64>"]),
    keyed("facebook_secret", &["facebook", "fb_", "meta_app"], &["<h32>"]),
    keyed("instagram_secret", &["instagram"], &["<h32>"]),
    keyed("twitter_secret", &["twitter"], &["<w25>", "<w35-44>", "<w45>", "<w50>"]),
    keyed("linkedin_secret", &["linkedin", "linked_in", "linked-in"], &["<w16>"]),
    keyed("twitch_secret", &["twitch"], &["<l30>"]),
    keyed("spotify_secret", &["spotify"], &["<h32>"]),
    keyed("reddit_secret", &["reddit"], &["<t27>", "<t30>"]),
    keyed("flickr_key", &["flickr"], &["<w32>"]),
    keyed("youtube_key", &["youtube"], &["<t39>"]),
    keyed("vimeo_token", &["vimeo"], &["<h32>"]),
    keyed("nytimes_key", &["nytimes", "new-york-times", "newyorktimes"], &["<t32>"]),
    keyed("nasa_key", &["nasa", "api.nasa.gov"], &["<w40>"]),
    keyed("weather_key", &["openweather", "weatherapi", "owm_"], &["<h32>", "<h31>"]),
    keyed("maxmind_legacy_key", &["maxmind"], &["<w16>"]),
    keyed("ipstack_key", &["ipstack", "ipinfo", "ipgeolocation"], &["<h32>"]),
    keyed("mapquest_key", &["mapquest"], &["<w32>"]),
    keyed("here_key", &["here_api", "heremaps"], &["<t43>"]),
    keyed("tomtom_key", &["tomtom"], &["<w32>"]),
    keyed("looker_key", &["looker"], &["<l20>", "<l24>"]),
    keyed("mailchimp_legacy_key", &["mailchimp"], &["<h32>"]),
    keyed("shutterstock_key", &["shutterstock"], &["<w32>"]),
    keyed("unsplash_key", &["unsplash"], &["<t43>"]),
    keyed("squarespace_token", &["squarespace"], &["<uuid>"]),
    keyed("shodan_key", &["shodan"], &["<w32>"]),
    keyed("virustotal_key", &["virustotal"], &["<h64>"]),
    keyed("censys_key", &["censys"], &["<uuid>", "<w32>"]),
    keyed("urlscan_key", &["urlscan"], &["<uuid>"]),
    keyed("abuseipdb_key", &["abuseipdb"], &["<h80>"]),
    keyed("saucelabs_key", &["sauce"], &["<uuid>"]),
    keyed("browserstack_key", &["browserstack"], &["<w20>"]),
    keyed("lambdatest_key", &["lambdatest"], &["<w50>"]),
    keyed("recaptcha_secret", &["recaptcha"], &["6L<t38>"]),
    keyed("kubernetes_join_token", &["kubeadm", "--token", "bootstrap", "discovery-token"], &["<l6>.<l16>"]),
    keyed("consul_token", &["consul"], &["<uuid>"]),
    keyed("nomad_token", &["nomad"], &["<uuid>"]),
    keyed("terraform_token", &["terraform", "tfe_token", "tfc_token"], &["<w14>.atlasv1.<v60>"]),
    keyed("ngrok_token", &["ngrok"], &["<w25-30>_<w18-25>"]),
    keyed("zerotier_token", &["zerotier"], &["<w32>"]),
    keyed("wireguard_key", &["presharedkey", "privatekey"], &["<b43>="]),
    keyed("spinnaker_token", &["spinnaker"], &["<w32-64>"]),
    keyed("clickhouse_legacy_key", &["clickhouse"], &["<w42>"]),
    keyed("deepl_auth_key", &["deepl"], &["<uuid>"]),
    keyed("alpaca_key", &["alpaca", "apca"], &["PK<u18>", "AK<u18>", "CK<u18>", "<w40>"]),
    keyed("quicknode_key", &["quicknode", "quiknode.pro"], &["<h40>"]),
    keyed("kaggle_key", &["kaggle"], &["<h32>"]),
    keyed("honeybadger_key", &["honeybadger"], &["hbp_<w36>"]),
    keyed("webflow_token", &["webflow"], &["<h64>"]),
    keyed("serper_key", &["serper"], &["<h40>"]),
    keyed("json_web_key", &["\"d\"", "\"dp\"", "\"dq\"", "\"qi\"", "'d'"], &["<t40-800>"]),
];

/// Names of things that have the form of keys and are none.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "checksum", "commit", "digest", "etag", "fingerprint", "integrity", "md5", "publickey", "public_key", "public-key",
    "revision", "sha1", "sha256", "sha512", "sha-1", "sha-256", "tree_", "blob_", "_hash", "hash_",
    "resolved", " h1", "uuid", "guid", "version", "objectid", "trace_id", "request_id", "span_id", "project_id", "thumbprint",
];

static WORDS: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
    let words = KEYED.iter().enumerate().flat_map(|(nth, k)| k.words.iter().map(move |w| (w, nth)));
    let (words, kinds): (Vec<&str>, Vec<usize>) = words.unzip();
    (automaton(&words), kinds)
});
static HARMLESS_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(HARMLESS));
static FORMS: LazyLock<Vec<Vec<Layout>>> = LazyLock::new(|| {
    KEYED.iter().map(|k| k.forms.iter().map(|f| Layout::read(f)).collect()).collect()
});

fn automaton(words: &[impl AsRef<str>]) -> AhoCorasick {
    let words = words.iter().map(AsRef::as_ref);
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(words)
        .expect("some hundred short words")
}

/// The key at `start`, if an issuer's name stands before it and it looks like that issuer's keys.
pub(super) fn find(text: &str, start: usize) -> Option<Token> {
    let value = text.get(start..)?;
    let name = name_before(text, start)?;
    if HARMLESS_WORDS.is_match(name) {
        return None;
    }
    let (words, kinds) = &*WORDS;
    let mut named =
        words.find_overlapping_iter(name).filter(|f| begins_word(name, f.start(), f.len()));
    named.find_map(|found| {
        let kind = kinds[found.pattern().as_usize()];
        let len = FORMS[kind].iter().find_map(|form| form.measure(value))?;
        let key = value.get(..len)?;
        let sample = random::is_filler(key) || random::is_sequence(key);
        let weak = sample || names_no_secret(name);
        let score = if weak { check::WEAK } else { 0.8 };
        (sample || key_like(key)).then_some(Token {
            kind: KEYED[kind].name,
            start,
            end: start + len,
            score,
        })
    })
}

/// `datadog_monitor_id = …`: the name ends in that of something that has an identifier of the same form, or is public.
fn names_no_secret(name: &str) -> bool {
    let name = name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let from = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)));
    let last = name.get(from.map_or(0, |at| at + 1)..).unwrap_or(name);
    let lower = last.to_ascii_lowercase();
    let is_id = ["_id", "-id", ".id", " id"].iter().any(|id| lower.ends_with(id))
        || last
            .strip_suffix("Id")
            .or(last.strip_suffix("ID"))
            .is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_lowercase()));
    // Clients and keys are told by an identifier that belongs to the secret.
    let of_secret = ["client", "key", "token", "secret"].iter().any(|word| lower.contains(word));
    let is_public =
        ["project", "site_key", "site-key", "sitekey"].iter().any(|word| lower.ends_with(word));
    is_id && !of_secret || is_public
}

/// From this length on an issuer's name is one also in the middle of a word, `mydatadogkey`.
const LONG: usize = 6;

/// Not the end of one word and the beginning of the next, as `okta` is in `rookTable`.
fn begins_word(name: &str, at: usize, len: usize) -> bool {
    let bytes = name.as_bytes();
    let (Some(before), Some(first)) =
        (at.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(at))
    else {
        return true;
    };
    len >= LONG
        || !before.is_ascii_alphabetic()
        || before.is_ascii_lowercase() && first.is_ascii_uppercase()
        || before.is_ascii_uppercase() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
}

/// Letters and digits in no order. Numbers, which client ids are, count too.
fn key_like(key: &str) -> bool {
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    digits >= 2 && (digits == key.len() || digits < key.len() * 9 / 10)
}

/// What the value at `start` is assigned to, or told of: the words in front of the sign of assignment, or of the verb, on the same line.
fn name_before(text: &str, start: usize) -> Option<&str> {
    let left = suffix(text.get(..start)?, NAME_REACH);
    let line = left.rsplit('\n').next().unwrap_or(left);
    let bare = line.trim_end_matches(['"', '\'', '`', ' ', '\t', '\\', '@']);
    let signed = bare.trim_end_matches(['=', ':', '>', ',', '|', '(', '?', '[', '-']);
    let is_flag = signed.len() == bare.len() && bare.len() < line.len() && bare.contains("--");
    let opened = signed.trim_end_matches([' ', '\t', '"', '\'', '`', '\\', ')', ']']);
    // `linode_tokens = [`
    let opened = if signed.len() + 1 == bare.len() && bare.ends_with('[') {
        opened.trim_end_matches(['=', ':', ' ', '"'])
    } else {
        opened
    };
    let from = opened
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-. /\"'\t".contains(c)))
        .map_or(0, |at| at + 1);
    let name = line.get(from..bare.len())?;
    (signed.len() < bare.len() || is_flag || is_told(name) || is_set(line)).then_some(name)
}

/// `the etsy api key is …`, `using Linode key …`: a word for a key, and at the end that word or a verb.
fn is_told(name: &str) -> bool {
    let is_key = |word: &str| {
        ["key", "token", "secret", "credential", "credentials"]
            .iter()
            .any(|key| word.eq_ignore_ascii_case(key))
    };
    let mut words = name.rsplit([' ', '\t']).filter(|word| !word.is_empty());
    let last = words.next().unwrap_or_default();
    is_key(last) || matches!(last, "is" | "was") && words.any(is_key)
}

/// `ENV LINODE_TOKEN …` of container files, `setenv LINODE_TOKEN …`: a line of three words.
fn is_set(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let assigns = matches!(words.next(), Some("ENV" | "ARG" | "setenv" | "setx"));
    assigns && words.next().is_some() && words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_well_formed() {
        assert_eq!(FORMS.len(), KEYED.len());
    }

    #[track_caller]
    fn check(text: &str, value: &str, expected: Option<&str>) {
        let start = text.find(value).unwrap();
        assert_eq!(find(text, start).map(|t| t.kind), expected, "{text}");
    }

    #[test]
    fn the_issuer_must_be_named_where_the_value_is_assigned() {
        let key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
        check(&format!("DATADOG_API_KEY={key}"), key, Some("datadog_key"));
        check(&format!("\"datadogToken\": \"{key}\""), key, Some("datadog_key"));
        check(&format!("<datadogKey>{key}</datadogKey>"), key, Some("datadog_key"));
        check(&format!("--datadog-key {key}"), key, Some("datadog_key"));
        check(&format!("datadog_keys = [\"{key}\"]"), key, Some("datadog_key"));
        check(&format!("NSString *datadogKey = @\"{key}\";"), key, Some("datadog_key"));
        check(&format!("datadog_commit = {key}"), key, None);
        check(
            &format!("linodeToken = {}", "0f1e2d3c4b5a6978".repeat(4)),
            &"0f1e2d3c4b5a6978".repeat(4),
            Some("linode_token"),
        );
        check(&format!("rookTable = {key}01234567"), key, None);
        check(&format!("the datadog agent was built from {key}"), key, None);
        check(&format!("the datadog api key is {key}"), key, Some("datadog_key"));
        check(&format!("using Datadog key {key}"), key, Some("datadog_key"));
        check(
            &format!("the Datadog app credential we were given is `{key}`"),
            key,
            Some("datadog_key"),
        );
        check(&format!("ENV DATADOG_X {key}"), key, Some("datadog_key"));
        check(&format!("the datadog agent is {key}"), key, None);
        check(&format!("ENV DATADOG_VERSION {key}"), key, None);
    }
}
