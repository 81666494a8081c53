//! What has the signs of a secret and opens nothing: policies replace it, others are not told.

use super::*;
use crate::detect::EntityType;

/// Replaced by policies, and not told otherwise.
#[track_caller]
pub(super) fn weak(before: &str, secret: &str, after: &str) {
    let text = format!("{before}{secret}{after}");
    nothing(&text);
    let found = findings_from(Selection::replacing_score(&EntityType::SECRET), &text);
    let found: Vec<_> = found.iter().map(|f| f.span.slice(&text)).collect();
    assert_eq!(found, [secret], "{text}");
}

#[test]
fn what_has_the_form_of_a_key_and_opens_nothing_is_weak() {
    weak("aws_access_key_id = ", &format!("{}{}", "AKIA", "IOSFODNN7EXAMPLE"), "");
    weak("token ", &format!("xoxb-{}", "00000-00000-EXAMPLENOTAREALTOKEN"), "");
    weak("token ", &format!("hvs.{}", "X".repeat(95)), "");
    weak("key ", &format!("{}{}", "AIza", "abcdefghijklmnopqrstuvwxyz012345678"), "");
    weak("datadog_api_key = ", &"0123456789abcdef".repeat(2), "");
    weak("password = \"", "example-Pa55", "\"");
    weak("postgres://app:", "dummy-Pa55", "@db.example.org/app");
    weak("see ", &format!("xoxb-{}-{}", "204738291", body(24)), "");
    weak("SLACK_TOKEN=", &format!("xoxb-{}-{}", "204738291", body(24)), "");
    weak("vault_token = \"", &format!("hvs.{}", body(40)), "\"");
    weak("GITHUB_TOKEN=", &format!("ghp_{}", "abc123".repeat(6)), "");
    weak("\"private_key_id\": \"", "dff83d00c9e5908ee26187be3d138b4a3561742f", "\"");
    weak("NPM_TOKEN=", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "");
    weak("api_key = ", &format!("{}a7", "0f1e2d3c4b5a6978".repeat(2)), "");
    weak("see ", &format!("{}.{}.{}", "eyJ0eXAiOiAiVENWMiJ9", body(36), body(48)), "");
}

#[test]
fn keys_made_to_be_published_are_weak_where_nothing_calls_them_secret() {
    let key = format!("{}{}", "AIzaSy", body(33));
    weak("<script src=\"maps.js?", &key, "\">");
    check("my key: ", &key, "");
    check("{\"apiKey\": \"", &key, "\"}");
    check("GEMINI_TOKEN=", &key, "");
    weak("sentry_dsn=https://", "8c1f0e2d3b4a59687f6e5d4c3b2a1908", "@o77.ingest.sentry.io/31");
    weak("recaptcha_site_key = \"", &format!("6L{}", body(38)), "\"");
}

#[test]
fn passwords_that_everybody_knows_are_weak() {
    weak("password = \"", "my$ecret1", "\"");
    weak("PASSWORD: ", "P@ssw0rd1", "\n");
    weak("curl -u ann:", "admin123", " https://example.org");
    weak("mysql -u ann -p", "mypassword", " app");
    weak("redis://default:", "mypassword", "@cache:6379");
    weak("Authorization: Basic ", &encoded("username:password"), "");
    check("Authorization: Basic ", &encoded("ann:tr0ub4dor"), "");
}

#[test]
fn names_that_say_that_the_value_opens_nothing_make_it_weak() {
    weak("example_token = \"", &body(24), "\"");
    weak("MOCK_PASSWORD = \"", "tr0ub4dor", "\"");
    weak("\"csrf_token\": \"", &body(24), "\"");
    weak("verification_key = ", &"0f1e2d3c4b5a6978".repeat(2), "");
    weak("datadog_monitor_id: ", &"0f1e2d3c4b5a6978".repeat(2), "");
    check("datadog_client_id: ", &"0f1e2d3c4b5a6978".repeat(2), "");
}

#[test]
fn values_that_read_like_code_are_weak() {
    weak("password = ", "module.db.password1", "\n");
    nothing("token = data.vault_secret.app1.field2");
    nothing("password: !vault |");
    nothing("pwd = \"C:\\Users\\ann7\"");
    nothing("https://<user>:<password>@cluster0.example.net");
}

#[test]
fn passwords_of_places_that_nobody_reaches_are_weak() {
    weak("postgres://app:", "s3cr3t-Pa55", "@192.0.2.7/app");
    weak("postgres://app:", "s3cr3t-Pa55", "@[2001:db8::7]/app");
    weak("postgres://app:", "s3cr3t-Pa55", "@%2Frun%2Fdb/app");
}

#[test]
fn keys_that_are_encrypted_themselves_are_weak_and_whole() {
    let begin = format!("-----BEGIN ENCRYPTED {} KEY-----", "PRIVATE");
    let end = format!("-----END ENCRYPTED {} KEY-----", "PRIVATE");
    weak("id:\n", &format!("{begin}\n{}\n{end}", body(64)), "\nbye");
    let (begin, end) = (begin.replace("ENCRYPTED", "RSA"), end.replace("ENCRYPTED", "RSA"));
    let header = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D4E5F60718293A4B5C6D7E8F9";
    weak("id:\n", &format!("{begin}\n{header}\n\n{}\n{end}", body(64)), "\nbye");
    let (begin, end) = (begin.replace("RSA", "OPENSSH"), end.replace("RSA", "OPENSSH"));
    let head = "b3BlbnNzaC1rZXktdjEAAAAA";
    weak("id:\n", &format!("{begin}\n{head}CmFlczI1Ni{}\n{end}", body(64)), "\nbye");
    check("id:\n", &format!("{begin}\n{head}BG5vbmU{}\n{end}", body(64)), "\nbye");
}
