//! No part of a secret stays in the clear: long ones, and passwords with any mark in them.

use super::*;

/// What people write around a password, and how its marks are escaped there.
fn ways(password: &str) -> Vec<(String, String)> {
    let escaped = password.replace('\\', r"\\").replace('"', "\\\"");
    let mut ways = vec![
        (format!("DB_PASSWORD=\"{escaped}\"\n"), escaped.clone()),
        (format!("{{\"password\": \"{escaped}\", \"port\": 5432}}"), escaped.clone()),
    ];
    if !password.contains(['\\', '\'']) {
        ways.push((format!("DB_PASSWORD='{password}'\n"), password.to_owned()));
        ways.push((
            format!("curl -u 'admin:{password}' https://a.example.org/"),
            password.to_owned(),
        ));
    }
    if !password.contains(char::is_whitespace) {
        ways.push((format!("DB_PASSWORD={password}\n"), password.to_owned()));
        ways.push((format!("password: {password}\nport: 5432"), password.to_owned()));
        ways.push((format!("my password is {password}, please change it"), password.to_owned()));
        ways.push((
            format!("curl -u admin:{password} https://a.example.org/"),
            password.to_owned(),
        ));
    }
    ways
}

#[test]
fn a_password_may_hold_any_mark() {
    for mark in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ é€".chars() {
        for (text, expected) in ways(&format!("hK7wRt5Lm{mark}vQz93xB")) {
            assert_eq!(found(&text), [expected], "{text}");
        }
    }
}

#[test]
fn quoted_passwords_may_begin_and_end_with_marks() {
    for password in
        ["$9Kd!x2Lq", "(x7Kq9!Lm", "[x7Kq9#Lm", "{x7Kq9#Lm", "x7Kq9#Lm(", "<x7Kq9#Lm", "x7<K>q9#Lm"]
    {
        check("{\"password\": \"", password, "\"}");
    }
    check("password=", "Summer2029!", "\n");
    check("(my password is ", "tr0ub4dor#3", ")");
    check("**password: ", "tr0ub4dor#3", "**");
    check("<password>", "tr0ub4dor", "</password>");
}

#[test]
fn what_stands_for_a_password_is_none_with_any_mark_around_it() {
    for text in [
        "password: <password>",
        "password: \"<your password 1>\"",
        "password: \"abc-<token1>\"",
        "PASSWORD=${DB_PASSWORD_1}",
        "PASSWORD=\"${DB_PASSWORD_1:-none}\"",
        "PASSWORD=$(cat /run/pw1)",
        "PASSWORD=$DB_PW1",
        "password: {{ db_password1 }}",
        "password: \"{{x1}}\"",
        "password: #{pw1}",
        "password: $_POST['pw1']",
        "password = getpw1(user, 2)",
        "password = rows1[0]",
        "password: [REDACTED1]",
        "\"password: %s1\"",
    ] {
        nothing(text);
    }
}

#[test]
fn long_values_are_taken_to_their_end() {
    for length in [300, 600, 2_400, 9_000, 40_000] {
        let key = body(length);
        check("SERVICE_ACCOUNT_KEY=", &key, "\nend");
        check("client_secret: ", &key, "\nend");
        check("ENCRYPTION_KEY=\"", &key, "\"\nend");
        check("{\"private_key\":\"", &key, "\"}");
        check("password = \"", &key, "\"\nend");
        check("Authorization: Bearer ", &key, "\nend");
        check("password: ", &format!("{key}&{}", body(90)), "\nend");
    }
}

#[test]
fn long_tokens_and_blocks_are_taken_to_their_end() {
    let token =
        format!("{}.{}.{}", "eyJhbGciOiJSUzI1NiJ9", format_args!("eyJ{}", body(40_000)), body(342));
    check("here it is: ", &token, " bye");
    let sealed = format!(
        "{}.{}.{}.{}.{}",
        "eyJhbGciOiJSU0EtT0FFUCJ9",
        body(342),
        body(16),
        body(400),
        body(22)
    );
    check("here it is: ", &sealed, " bye");
    let direct = format!("{}..{}.{}.{}", "eyJhbGciOiJkaXIiLCJlbmMi", body(16), body(400), body(22));
    check("here it is: ", &direct, " bye");
    let lines: Vec<String> = (0..900).map(|_| body(64)).collect();
    let (begin, end) =
        (format!("-----BEGIN {} KEY-----", "PRIVATE"), format!("-----END {} KEY-----", "PRIVATE"));
    check("key:\n", &format!("{begin}\n{}\n{end}", lines.join("\n")), "\nbye");
}

#[test]
fn values_that_never_end_are_read_without_a_fault() {
    for unit in [
        "password=a1!",
        "password=\"a1!",
        "password=\\\"a1!",
        "password=example1",
        "password=\"\\\"",
        "api_key=\"0a1b2c3d4e5f6a7b",
        "password: a1(",
        "password: a1)",
        "password=a1'b",
        "pwd=a1<",
        "eyJhbGciOiJSUzI1NiJ9.",
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWa1",
    ] {
        let _ = found(&unit.repeat(20_000 / unit.len()));
    }
}
