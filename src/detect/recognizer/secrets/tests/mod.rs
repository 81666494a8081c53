//! Every kind is proven by samples that are made up here, from its own form: nothing that looks like a live key stands in a file.

use super::{check, issuers, keyed, layout::Layout};
use crate::{
    base64::Spelling,
    detect::{Analyzer, Finding, Score, Selection, Text},
};
use std::{collections::BTreeSet, sync::LazyLock};

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(Vec::new()).unwrap());

fn findings_from(least: Score, text: &str) -> Vec<Finding> {
    ANALYZER.analyze(&[Text::from(text)], &Selection::of([(super::SECRET, least)])).remove(0)
}

fn findings(text: &str) -> Vec<Finding> {
    findings_from(Selection::usual_score(&super::SECRET), text)
}

fn found_from(least: Score, text: &str) -> Vec<String> {
    findings_from(least, text).iter().map(|f| f.span.slice(text).to_owned()).collect()
}

fn found(text: &str) -> Vec<String> {
    found_from(Selection::usual_score(&super::SECRET), text)
}

#[track_caller]
fn check(before: &str, secret: &str, after: &str) {
    let text = format!("{before}{secret}{after}");
    assert_eq!(found(&text), [secret], "{text}");
}

#[track_caller]
fn nothing(text: &str) {
    assert_eq!(found(text), Vec::<String>::new(), "{text}");
}

/// Numbers without order, the same in each run.
fn lot(mut seed: u64) -> impl FnMut() -> usize {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap()
    }
}

/// Letters and digits that look drawn by lot.
fn body(length: usize) -> String {
    let mut random = lot(7);
    let chars: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    (0..length).map(|_| chars[random() % chars.len()]).collect()
}

/// A token of GitHub's with its checksum.
fn github_token() -> String {
    with_crc62(&format!("ghp_{}", body(36)))
}

/// The last six characters behind the prefix of four set to the checksum of those before.
fn with_crc62(text: &str) -> String {
    let body = &text[4..text.len() - 6];
    format!("{}{}", &text[..text.len() - 6], check::base(check::crc32(body.as_bytes()), 62, 6))
}

/// The last seven characters set to the checksum of all before.
fn with_crc36(text: &str) -> String {
    let body = &text[..text.len() - 7];
    format!("{body}{}", check::base(check::crc32(body.as_bytes()), 36, 7))
}

/// A text of the form, with what the kind's check asks for beside it.
fn sample(kind: &str, layout: &Layout, long: bool, seed: u64) -> String {
    let text = layout.sample(long, lot(seed));
    let put = |text: &str, at: usize, mark: &str| {
        format!("{}{mark}{}", &text[..at], &text[at + mark.len()..])
    };
    match kind {
        "anthropic_key" | "anthropic_admin_key" => put(&text, text.len() - 2, "AA"),
        "groq_key" => put(&text, 24, "WGdyb3FY"),
        "nats_seed" | "stellar_seed" => with_crc16(&text),
        "github_token" | "npm_token" => with_crc62(&text),
        "gitlab_routable_token" => with_crc36(&text),
        "linkedin_token" => put(&text, 20, "-"),
        "teamcity_token" => {
            format!("{}.{}.{}", &text[..20], encoded(&body(27)), encoded(&body(36)))
        }
        "google_api_key" => put(&text, 4, "Sy"),
        // As the wiki of Bitcoin and its tests have them.
        "bitcoin_private_key" => match &text[..1] {
            "5" => "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
            "K" => "KwdMAjGmerYanjeui5SHS7JkmpZvVipYvB2LJGU1ZxJwYvP98617",
            _ => "L1aW4aubDFB7yfras2S1mN3bqg9nwySY8nkoLmJebSLD5BWv3ENZ",
        }
        .to_owned(),
        _ => text,
    }
}

fn encoded(text: &str) -> String {
    let mut letters = String::new();
    Spelling::FOR_URLS.write(text.as_bytes(), &mut letters);
    letters
}

/// The last two of the bytes that `text` is the Base32 of, set to the checksum of the others.
fn with_crc16(text: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut values: Vec<u8> = text
        .bytes()
        .map(|b| u8::try_from(alphabet.iter().position(|c| *c == b).unwrap()).unwrap())
        .collect();
    let mut bits: Vec<u8> =
        values.iter().flat_map(|v| (0..5).rev().map(move |n| v >> n & 1)).collect();
    let whole = bits.len() / 8 * 8;
    let byte = |bits: &[u8]| bits.iter().fold(0u8, |byte, bit| byte << 1 | bit);
    let bytes: Vec<u8> = bits[..whole].chunks(8).map(byte).collect();
    let sum = check::crc16(&bytes[..bytes.len() - 2]).to_le_bytes();
    for (nth, bit) in sum.iter().flat_map(|b| (0..8).rev().map(move |n| b >> n & 1)).enumerate() {
        bits[whole - 16 + nth] = bit;
    }
    values.clear();
    values.extend(bits.chunks(5).map(|five| five.iter().fold(0, |value, bit| value << 1 | bit)));
    values.into_iter().map(|v| char::from(alphabet[usize::from(v)])).collect()
}

/// All kinds that their form gives away, with each of their forms.
fn forms() -> impl Iterator<Item = (&'static str, Layout)> {
    let kinds = issuers::FAMILIES.iter().flat_map(|(_, kinds)| *kinds);
    kinds.flat_map(|kind| kind.layouts().map(|layout| (kind.name, layout)))
}

mod carriers;
mod gear;
mod none;
mod told;
mod weak;
mod whole;

use weak::weak;

#[test]
fn there_are_more_than_200_kinds_and_no_two_have_one_name() {
    let names: Vec<_> = super::kinds().map(|(_, kind)| kind).collect();
    assert!(names.len() > 400, "{}", names.len());
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    assert!(issuers::FAMILIES.iter().map(|(_, kinds)| kinds.len()).sum::<usize>() > 200);
}

/// Some samples of forms that hang on chance may look like words; not most.
#[test]
fn every_form_of_every_kind_is_found_whole() {
    let mut missed = Vec::new();
    for (kind, layout) in forms() {
        let mut hits = 0;
        for seed in 1..=8 {
            let token = sample(kind, &layout, seed % 2 == 0, seed * 7919);
            let text = format!("The key is \"{token}\", as before.");
            let least = if ["slack_legacy_bot_token", "vault_token_of_odd_length"].contains(&kind) {
                Selection::replacing_score(&super::SECRET)
            } else {
                Selection::usual_score(&super::SECRET)
            };
            hits += usize::from(found_from(least, &text) == [token]);
        }
        missed.extend(
            (hits < 5)
                .then(|| format!("{kind}: {} ({hits} of 8)", sample(kind, &layout, false, 7919))),
        );
    }
    assert!(missed.is_empty(), "{} forms are not found:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn a_form_that_is_cut_by_one_character_has_no_such_kind() {
    for (kind, layout) in forms() {
        let token = sample(kind, &layout, false, 104_729);
        let cut = &token[..token.len() - 1];
        assert_eq!(layout.measure(cut).filter(|len| *len == cut.len()), None, "{kind}: {cut}");
        assert!(layout.measure(&token).is_some(), "{kind}: {token}");
    }
}

#[test]
fn every_kind_that_its_issuer_must_be_named_for_is_found_beside_the_name() {
    let mut missed = Vec::new();
    for kind in keyed::KEYED {
        for form in kind.forms {
            let layout = Layout::read(form);
            let name = kind.words[0].trim_matches(['"', '\'']);
            let hits = (1..=8).filter(|seed| {
                let key = layout.sample(false, lot(seed * 6007));
                let quote = if kind.words[0].starts_with('"') { "\"" } else { "" };
                found(&format!("{quote}{name}{quote}: \"{key}\"")) == [key]
            });
            let hits = hits.count();
            missed.extend((hits < 5).then(|| format!("{}: {form} ({hits} of 8)", kind.name)));
        }
    }
    assert!(missed.is_empty(), "{} forms are not found:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn a_finding_tells_the_kind() {
    let text = format!("key {}{}", "dop_v1_", "0a1b3c5d".repeat(8));
    assert_eq!(findings(&text)[0].recognizer, "secrets/digitalocean_token");
}

#[test]
fn a_right_checksum_makes_certain() {
    let body = body(30);
    let sum = check::base(check::crc32(body.as_bytes()), 62, 6);
    assert_eq!(findings(&format!("ghp_{body}{sum}"))[0].score, Score::MAX);
    check("see ", &format!("ghp_{body}a1b2c3"), "");
    weak("see ", &format!("ghp_{}", "abc123".repeat(6)), "");
}

#[test]
fn tokens_are_found_wherever_they_stand() {
    let token = github_token();
    for (before, after) in [
        ("", ""),
        ("use ", "."),
        ("(", ")"),
        ("TOKEN=", "\n"),
        ("https://example.org/", "/x"),
        ("a\\n", "\\n"),
        ("x-", " "),
        ("é", "é"),
    ] {
        check(before, &token, after);
    }
}

/// One token in some dozens has no digit.
#[test]
fn tokens_of_letters_alone_are_found() {
    let letters = "dvrQPxkroxaQziDWbytZHMkuNJqsGLcEfBVo";
    for (prefix, length) in
        [("glpat-", 20), ("glrt-", 20), ("rzp_live_", 14), ("hvs.", 24), ("lin_api_", 36)]
    {
        let token = format!("{prefix}{}", &letters[..length]);
        let token = if prefix == "lin_api_" { token + "qZxW" } else { token };
        check("x = \"", &token, "\"");
    }
    check("x = \"", &format!("npm_{letters}"), "\"");
    check("x = \"", &format!("ghp_{letters}"), "\"");
    weak("x = \"", &format!("AIzaSy{}", &letters[..33]), "\"");
    for name in [
        "hvs.getRequiredPropertyValue",
        "glpat-PersonalAccessTokens",
        "sk_live_TheSecretKeyOfYours",
    ] {
        nothing(&format!("x = \"{name}\""));
    }
}

#[test]
fn tokens_in_base64_are_found_whichever_marks_stand_near_their_prefix() {
    let rest = body(86);
    for (before, after) in [("", ""), ("look: ", " ok"), ("x = \"", "\""), ("FlyV1 ", "\n")] {
        check(before, &format!("fm2_a7+{rest}"), after);
        check(before, &format!("fm2_/a7+Kq2/{rest}"), after);
        check(before, &format!("essu_lm7+ULXLUwX2m+{}==", &rest[..67]), after);
        check(before, &format!("glc_eyJ5K+bQ9/Zr8K{rest}="), after);
    }
    nothing(&format!("{}+fm2_a7+{rest}", body(60)));
}

#[test]
fn key_blocks_are_taken_whole_and_also_when_cut_off_or_escaped() {
    let begin = format!("-----BEGIN RSA {} KEY-----", "PRIVATE");
    let end = format!("-----END RSA {} KEY-----", "PRIVATE");
    check("id:\n", &format!("{begin}\n{}\n{end}", body(64)), "\nbye");
    check("id:\n  ", &format!("{begin}\n  {}\n  {end}", body(64)), "\nbye");
    check("{\"key\": \"", &format!("{begin}\\n{}\\n{end}", body(64)), "\\n\"}");
    check("", &format!("{begin}\n{}", body(64)), "");
    nothing(&format!("if text.starts_with(\"{begin}\") {{ return true }}"));
    nothing(&format!("{begin}\nanything\n{end}"));
}

#[test]
fn putty_keys_are_taken_whole() {
    let key = format!(
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n{}\nPrivate-MAC: {}",
        body(64),
        "0a1b2c3d"
    );
    check("my key\n", &key, "\nbye");
}

#[test]
fn tokens_of_three_parts_and_credentials_in_urls() {
    let jwt = format!("{}{}.{}{}.{}", "eyJ", body(20), "eyJ", body(30), body(43));
    check("Authorization: Bearer ", &jwt, "");
    check("postgres://app:", "s3cr3t-Pa55", "@db.example.org:5432/app");
    check("redis://:", "s3cr3tPa55", "@cache:6379");
    check("https://user:", "T0k3n-x9", "@git.example.org/repo.git");
    check("https://user:", "tr@55over", "@git.example.org/repo.git");
    check("smtp://ann@example.org:", "s3cr3t-Pa55", "@smtp.example.org:25");
    nothing("https://example.org:8080?to=ann@example.org");
    for password in
        ["tr@ss.w0od", "Secr3t@x.y1", "tr@ss,w0od", "tr@ss:w0od", "tr@ss.wood;x", "a@b.cd@e9"]
    {
        check("https://user:", password, "@db.example.org:5432/app");
        check("https://user:", password, "@host");
    }
    check("https://user:", "T0k3n-x9@git.acme.net,ann", "@acme.net");
    weak("https://user:", "T0k3n-x9@git.acme.net,your-ann", "@acme.net");
    check("https://user:", "tr@55over", "@git.example.org?to=ann@example.org");
    check("amqp://a:", "T0k3n-x9@h1.acme.net:5672,b:T0k3n-y8", "@h2.acme.net");
}

#[test]
fn links_that_let_in() {
    check(
        "hook ",
        &format!("https://hooks.slack.com/services/T0A1B2C3D/B0A1B2C3D/{}", body(24)),
        "",
    );
    check(
        "curl ",
        &format!("https://discord.com/api/webhooks/123456789012345678/{}", body(68)),
        " -d x",
    );
    check("hook ", "https://hooks.zapier.com/hooks/catch/7712408/b3q9vej/", " ok");
    nothing("https://hooks.zapier.com/hooks/catch/1234567/abcdef/");
    check("https://x.example.org/c/b?sv=1&sig=", &format!("{}%3D", body(43)), "&se=2030");
    check("https://x.azurewebsites.net/api/f?code=", &format!("{}==", body(54)), "");
    check("https://kagi.com/search?token=", &format!("{}.{}", body(43), body(43)), "&q=x");
    check("https://", &body(40), "@git.example.org/x.git");
    check(
        "",
        &format!("https://chat.example.org/hooks/{}/{}", "0f1e2d3c4b5a".repeat(2), body(48)),
        "",
    );
}

#[test]
fn settings_and_headers() {
    check("password = \"", "hunter2!", "\"");
    check("PASSWORD: ", "hunter2", "\n");
    check("{\"db_password\":\"", "tr0ub4dor", "\"}");
    check("String password = \"", "tr0ub4dor", "\";");
    check("password: str = '", "tr0ub4dor", "'");
    check("<add key=\"DbPassword\" value=\"", "tr0ub4dor", "\"/>");
    check("mysql --password ", "tr0ub4dor", " db");
    check("Server=x;User Id=sa;Password=", "Tr0ub4dor", ";Encrypt=yes");
    check("my password is ", "tr0ub4dor#3", ", please change it");
    check("API_KEY=", &body(24), "\n");
    check("export CLIENT_SECRET='", &body(32), "'");
    check("api_key := \"", &body(24), "\"");
    check("Authorization: Bearer ", &body(24), "\n");
    check("X-Api-Key: ", &body(24), "\n");
}

#[test]
fn passwords_may_look_like_tags_handles_and_paths() {
    check("password: ", "!geheim", "");
    check("password: ", "@rdent.Tr0ub4", "");
    check("password = \"", r"C:\hunter2!", "\"");
    nothing("password: !vault");
    nothing(r#"password = "C:\keys\server.txt""#);
}

#[test]
fn commands_and_files_with_forms_of_their_own() {
    check("curl -u admin:", "s3cretPw", " https://example.org");
    check("machine example.org login ann password ", "s3cretPw", "\n");
    check("db.example.org:5432:app:ann:", "s3cretPw", "\n");
    check("sshpass -p ", "s3cretPw", " ssh ann@example.org");
    check("ann:", &format!("$2y$10${}", body(53)), "\n");
    check("ann:", &format!("$6${}${}", body(16), body(86)), ":19000:0");
    check("{\"auths\":{\"x\":{\"auth\": \"", "YW5uOnMzY3JldFB3OTk=", "\"}}}");
    check("curl -su \"ann:", "s3cretPw", "\" https://example.org");
    check("http -a ann:", "s3cretPw", " example.org");
    check("jdbc:oracle:thin:scott/", "s3cretPw", "@//db.example.org:1521/orcl");
    check("sqlplus scott/", "s3cretPw", "@orcl");
    check("sqlplus scott/", "tr@55over", "@db");
    check("CREATE USER 'ann' IDENTIFIED BY '", "horsebattery", "';");
    check("CREATE ROLE ann WITH LOGIN PASSWORD '", "horsebattery", "';");
    check("ldapsearch -x -D cn=admin -w ", "s3cretPw", " -b dc=x");
    check("zip -P ", "s3cretPw", " out.zip a");
    check("openssl rsa -passin pass:", "s3cretPw", " -in key.pem");
    check("//registry.example.org/:_auth=", "YW5uOnMzY3JldFB3OTk=", "\n");
    nothing("such works are identified as \"derived from other works\"");
}

#[test]
fn hashes_of_passwords_and_tickets() {
    let hex = |len: usize| "0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(len / 32);
    check("x ", &format!("$krb5tgs$23$*svc$EXAMPLE.ORG$http/web*${}${}", hex(32), hex(256)), "\n");
    check("x ", &format!("$krb5asrep$23$ann@EXAMPLE.ORG:{}${}", hex(32), hex(256)), "\n");
    check("", &format!("doIFujCCBbagAwIBBaEDAgEW{}", body(300)), "");
    check("krb5.keytab: ", &format!("BQIAAABT{}", body(120)), "");
    check("ann:1001:", &format!("{}:{}", hex(32), hex(32)), ":::\n");
    check("ann::CORP:", &format!("1122334455667788:{}:0101000000000000{}", hex(32), hex(64)), "\n");
    check("", &format!("pbkdf2_sha256$260000${}${}=", body(22), body(43)), "");
    check("", &format!("scrypt:32768:8:1${}${}", body(16), hex(128)), "");
    check("", &format!("SCRAM-SHA-256$4096:{}==${}=:{}=", body(22), body(43), body(43)), "");
}

#[test]
fn the_data_of_kubernetes_secrets_is_found_whole() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\ndata:\n  host: ";
    check(head, "ZGIuZXhhbXBsZQ==\n  conn: cG9zdGdyZXM=", "\n---\nkind: ConfigMap\n");
    check("data:\n  host: ", "ZGIuZXhhbXBsZQ==", "\nkind: Secret\n");
    check("kind: Secret\nstringData:\n  words: \"", "correct horse", "\"\ntype: Opaque\n");
    let json = "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a\"},\"data\":{\"a\":\"";
    check(json, "ZGIuZXhhbXBsZQ==\",\"b\":\"cG9zdGdyZXM=", "\"}}");
    check("kind: Secret\nstringData:\n  postgres: ", "postgres", "\ntype: Opaque\n");
    check("kind: Secret\nstringData:\n  usernames: ", "username", "\n");
    check(
        "kind: Secret\nstringData:\n  postgres-password: ",
        "postgres\n  username: user1",
        "\ntype: Opaque\n",
    );
    let json = "{\"kind\":\"Secret\",\"stringData\": {\"a\": \"";
    check(json, "x\\\"y9\",\"b\": \"pa}{ss\", \"c\": \"last:one", "\"}, \"type\": \"Opaque\"}");
    check(json, "ends:in-a\\\\", "\"}, \"type\": \"Opaque\"}");
    check(json, "does-not-end", "\nas \"said\"");
    nothing("kind: Secret\ndata:\n  conn: {{ .Values.conn | b64enc }}\n");
    nothing("kind: SecretStore\ndata:\n  conn: cG9zdGdyZXM=\n");
    nothing("kind: ConfigMap\ndata:\n  conn: cG9zdGdyZXM=\n---\nkind: Secret\n");
}

#[test]
fn azure_keys_have_a_mark_inside() {
    check("AccountKey=", &format!("{}+ASt{}A==", body(76), body(5)), ";EndpointSuffix=core");
    check("search ", &format!("{}AzSe{}", body(42), body(6)), "");
    check("secret ", &format!("{}8Q~{}", "aB3", body(34)), "");
}

#[test]
fn the_documentation_lists_every_kind() {
    let page = include_str!("../../../../../docs/POLICIES.md");
    let missing: Vec<_> = super::kinds()
        .map(|(_, kind)| kind)
        .filter(|kind| !page.contains(&format!("`{kind}`")))
        .collect();
    assert!(missing.is_empty(), "docs/POLICIES.md does not name {missing:?}");
}

#[test]
fn long_runs_are_read_without_a_fault() {
    let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
    for unit in [
        "sk-",
        "eyJaaaaaaaaaaa-",
        "://a:a",
        &begin,
        "password=",
        "-eyJaaaaaaaa.",
        "AKIA",
        "Bearer a",
        "eyJ.",
        "1",
        "a1",
        "a1.",
        "s.a1b2",
        "ghp_a1B2",
        "PuTTY-User-Key-File-2:",
        "datadog=",
        "api_key: a1",
        "-u a:",
        "AzSe",
        "$2y$10$",
        "login a password ",
        "sl.a1B2c3/",
        "kind: Secret\ndata:\n",
        "\"data\": {",
        "doIAAAAwIBBaEDAgEW",
        "https://a:b?token=a1",
        "://a1b2c3d4e5f6g7h8i9j0@",
        ":0f1e2d3c4b5a69788796a5b4c3d2e1f0:::",
        " -u a:b ",
        "!a$1",
        "fm2_a1+",
        "a1B2c3D4e5F6g7H8/",
        "api_keys = [\"a1b2c3d4e5f6\", ",
        "api_keys:\n  - a1B2c3D4e5F6\n",
        "WIFI:T:x;S:y;",
        "recovery codes: 4418-9920, ",
        "passphrase for a is ",
        "gh secret set A ",
        "token = <<EOT\n",
        "api_key: Option<",
        ", pass a1-",
    ] {
        let _ = found(&unit.repeat(50_000 / unit.len()));
    }
}
