//! What looks like a secret and is none.

use super::*;

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "token = next_token()",
        "let token = self.parse_token(input)?;",
        "password = getpass.getpass()",
        "password: string;",
        "api_key = os.environ[\"OPENAI_API_KEY\"]",
        "API_KEY=${OPENAI_API_KEY}",
        "password: <your password>",
        "password: ********",
        "PASSWORD=changeme",
        "\"password\": \"Passwort\"",
        "token: xxxxxxxxxxxxxxxxxxxxxxxx",
        "secret: your_secret_here",
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@localhost/db",
        "postgres://user:${PASSWORD}@localhost/db",
        "sk-learn-and-other-names-of-things",
        "task-0123456789012345678901234",
        "tokens: 4096",
        "secret_key = get_key(\"abc123def\")",
        "token_url = \"https://example.org/oauth/token1\"",
        "passwordField.setId(\"password-input-2\")",
        "public_key = \"9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC\"",
        "access_key_id_name: primary-key-2",
        "we pass `val2` in",
        "fn f(password: *const u16)",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "datadog commit: 3f786850e387550fdab836ed7e6dc881de23001b",
        "\"integrity\": \"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==\"",
        "checksum = \"9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b\"",
        "id: 6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "request_id=6ba7b810-9dad-11d1-80b4-00c04fd430c8 done",
        "<img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==\"/>",
        "!function(e,t){\"use strict\";var n=e.document,r=t.prototype,token=r.next,password=n.get}(window)",
        "org.springframework.boot.autoconfigure.SpringBootApplication",
        "2024-05-01T10:00:00.000Z build-20240501.4-x86_64-unknown-linux-gnu",
    ] {
        nothing(text);
    }
    nothing(&format!("token ghp_{}", "x".repeat(36)));
}

/// Written as what programs and their writers have on their screens, with names of keys and passwords all over.
#[test]
fn nothing_is_told_of_settings_and_code_without_secrets() {
    let texts = include_str!("../../../../../tests/data/secrets/harmless.txt");
    let texts = texts.lines().filter(|line| !line.starts_with("# "));
    let told: Vec<_> = texts
        .map(|line| line.replace("\\n", "\n"))
        .flat_map(|text| found(&text).into_iter().map(move |value| (value, text.clone())))
        .collect();
    assert_eq!(told, []);
}

#[test]
fn the_middle_of_base64_is_no_token() {
    nothing(&format!("{}/{}{}/{}", body(60), "AKIA", "B2C3D4E5F6G7H2I3", body(60)));
}
