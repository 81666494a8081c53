//! Settings as languages and files write them, and the names that settings have.

use super::*;

#[test]
fn declarations_have_types_and_constructors() {
    let key = body(32);
    for (before, after) in [
        ("const TOKEN: &str = \"", "\";"),
        ("static API_KEY: &'static str = \"", "\";"),
        ("static const char apiKey[] = \"", "\";"),
        ("char api_key[64] = \"", "\";"),
        ("let api_key: Option<&str> = Some(\"", "\");"),
        ("api_key <- \"", "\""),
        ("let token = String::from(\"", "\");"),
        ("var apiToken []byte = []byte(\"", "\")"),
        ("api_key: SecretStr = SecretStr(\"", "\")"),
        ("NSString *accessKey = @\"", "\";"),
        ("const hmacKey = \"", "\""),
        ("\"Jwt:Key\": \"", "\""),
        ("\"Jwt\": {\n  \"Key\": \"", "\", \"Issuer\": \"me\"}"),
        ("@Value(\"", "\") String apiKey;"),
        ("@Value(\"", "\")\nprivate String clientSecret;"),
    ] {
        check(before, &key, after);
    }
    check("admin_password: String::from(\"", "m0ss!Lantern", "\")");
    check("PASSPHRASE = b\"", "seven-lamps-over-water", "\"");
    check("2FA seed: ", "TB4L36QM25ML7TS3DN5RLEGTW6ANEKGA", "");
    nothing("secret_key = derive(\"abc123def\")");
    nothing("pub static TOKEN_MAPPINGS: Lazy<FnvHashMap<u16, &'static str>> = Lazy::new(|| x);");
    nothing("fn token(&self) -> Option<&'a str> { None }");
    nothing("let key: Vec<u8> = vec![1, 2];");
    nothing("@Value(\"${api.key}\") String apiKey;");
}

#[test]
fn values_stand_in_lists_elements_and_texts_of_many_lines() {
    let key = body(32);
    for (before, after) in [
        ("api_keys = [\"", "\"]"),
        ("\"tokens\": [ \"", "\" ]"),
        ("api_keys = [\n    \"", "\",\n]"),
        ("api_keys:\n  - ", "\nother: 1\n"),
        ("<apiToken>\n    ", "\n</apiToken>"),
        ("token = <<<EOT\n", "\nEOT;"),
        ("token = <<~EOT\n  ", "\nEOT"),
    ] {
        check(before, &key, after);
    }
    check("<password>\n  ", "M0sslantern", "\n</password>");
    let other: String = key.chars().rev().collect();
    check("api_keys = [\"", &format!("{key}\", \"{other}"), "\"]");
    check("api_keys:\n  - ", &format!("{key}\n  - {other}"), "\nname: x\n");
    nothing("tokens = [\"the\", \"quick\", \"brown2\"]");
    nothing("tokens = [1, 2, 3]");
    nothing("PASSWORD_HASHERS = ['django.contrib.auth.hashers.Argon2PasswordHasher']");
    nothing("System_PasswordManagement = [\"Win32_System\"]");
}

/// One key of AWS in 32 begins so.
#[test]
fn keys_may_begin_as_paths_do() {
    let key = format!("/{}/{}", body(14), body(24));
    for before in [
        "aws_secret_access_key = ",
        "AWS_SECRET_ACCESS_KEY=",
        "secret_key = \"",
        "\"secretKey\": \"",
    ] {
        check(before, &key, if before.ends_with('"') { "\"" } else { "\n" });
        let plus = key.replacen('/', "+", 1);
        check(before, &plus, if before.ends_with('"') { "\"" } else { "\n" });
    }
    check("AccountKey=", &format!("+{}+{}==", body(40), body(44)), ";");
    nothing("secret_key = /usr/local/share/Keys2/Server1/private");
    nothing("token: /home/User2/Projects/Tokens/Live");
}

#[test]
fn names_are_written_in_many_ways() {
    for name in [
        "dbPwd: ",
        "DbPwd=",
        "SQLPWD=",
        "pswd: ",
        "passwrd=",
        "PASSWRD: ",
        "pasword=",
        "paswd: ",
        "p/w: ",
        "pwrd: ",
        "storePass = \"",
        "\"pw\": \"",
        "\"pswd\" : \"",
        "secret: ",
    ] {
        check(name, "M0ss-Lantern", if name.ends_with('"') { "\"" } else { "\n" });
    }
    check("usr:ann pwd:", "N4vymoss!", "");
    nothing("OLDPWD=/home/ann/work2");
    nothing("'password' => 'required|min:8|confirmed'");
    nothing("'password' => 'required|string|min:8'");
    nothing("publicKey: L5N89ALAED12GnwGkpyZQv2h7rq73rMUTqKNiLGpOzw=");
    nothing("oauth_token_secret=secret%3Dpassword&oauth_token=lock%26");
    nothing("cacheKey = \"user-profile-2\"");
    nothing("secret: app-tls-v2");
}

#[test]
fn what_codes_of_one_time_are_made_from_is_a_secret() {
    let seed = "TBQLWJQMZXMLRTSVDNPRLEGTWKANEKGA";
    for (before, after) in [
        ("TOTP secret: ", ""),
        ("mfa_secret = \"", "\""),
        ("\"otpSecret\": \"", "\""),
        ("otpauth://totp/Acme:ann?secret=", "&issuer=Acme"),
        ("scan otpauth://hotp/x?issuer=Acme&secret=", " now"),
    ] {
        check(before, seed, after);
    }
    nothing("otpauth://totp/Acme:ann?secret=YOUR_SECRET_HERE");
    nothing("TOTP secret: NOTCONFIGUREDHERE");
    nothing("client_secret = THISISONEOFTHEFIELDS");
}

#[test]
fn passwords_may_have_spaces_in_quotes_and_braces_around() {
    check("password: \"", "blue horse 42 jumps", "\"");
    check("DRIVER={ODBC Driver 18};SERVER=db;UID=app;PWD={", "m0ss;Lantern", "};");
    check("Driver={x};Pwd={", "m0ssLantern", "}");
    nothing("password: \"must have at least 8 characters\"");
    nothing("password = \"Neues Kennwort (2x eingeben)\"");
    nothing("password: \"Use 8 or more characters\"");
    nothing("Driver={x};Pwd={password}");
}

#[test]
fn product_keys_and_passwords_of_programs_stand_in_groups() {
    check("Windows is activated by ", "XK7BD-3QPRT-W49MH-VJ2CY-8GNF6", ".");
    check("Product key: ", "OF3GH-N7QCT-55904-B7WSC-3D5ZA", "");
    check("BSKY_APP_PASSWORD=", "aqvk-rtpo-ucjd-xeqz", "");
    nothing("key: XXXXX-XXXXX-XXXXX-XXXXX-XXXXX");
    nothing("part AB12O-CD34I-EF56O-GH78I-JK90O");
    nothing("APP_PASSWORD=open-your-next-file");
}

#[test]
fn commands_calls_and_links_carry_secrets_beside_a_name() {
    let word = "Ug5wpTz29Lm";
    for (before, after) in [
        ("rclone obscure ", ""),
        ("wpa_passphrase Home ", ""),
        ("composer config http-basic.repo.example.org ann ", ""),
        ("snmpwalk -v2c -c ", " host"),
        ("http --auth ann:", " example.org"),
        ("jwt.sign(payload, \"", "\")"),
        ("createHmac('sha256', '", "')"),
        ("hmac.new(b\"", "\", message)"),
    ] {
        check(before, word, after);
    }
    let key = &"0f1e2d3c4b5a6978".repeat(2);
    check("Ocp-Apim-Subscription-Key: ", key, "");
    check("{\"username\":\"ann\",\"key\":\"", key, "\"}");
    check("see ", &format!("https://mainnet.infura.io/v3/{key}"), " for it");
    let bot = format!("https://api.telegram.org/bot123456789:{}{}/sendDocument", "AA", body(33));
    check("", &bot, "");
    nothing("jwt.sign(payload, \"secret\")");
    nothing("snmpwalk -v2c -c public host");
    nothing("createHmac('sha256', 'your-secret')");
    nothing("{\"username\":\"ann\",\"key\":\"value\"}");
}
