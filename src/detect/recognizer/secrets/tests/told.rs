//! Passwords in sentences, and those whose name stands in another field than they do.

use super::*;

#[test]
fn passwords_are_told_in_many_ways() {
    for (before, after) in [
        ("The password for the NAS is ", ", please change it."),
        ("password for the router: ", ""),
        ("the admin password (", ") must be changed"),
        ("his password was \"", "\""),
        ("I reset your password to ", ""),
        ("we changed the password of the build host to ", " yesterday"),
        ("use \"", "\" as the password"),
        ("use ", " as your new password, please"),
        ("", " is my password"),
        ("I changed it to ", " (password)"),
        ("Password\n", ""),
        ("temp password ", ""),
        ("Login mkeller, pw ", ""),
        ("psw ", " user mkeller"),
        ("pw: ", ""),
        ("**Password:** ", ""),
        ("password: **", "**"),
        ("password: *", "*"),
        ("Password: „", "“"),
        ("Passwort „", "“ gilt ab heute"),
        ("Password: “", "”, please"),
        ("Password: «", "»"),
        ("Mot de passe : « ", " »"),
        ("Password: ‘", "’"),
        ("Password - ", ""),
        ("WiFi password – ", ", thanks"),
        ("user/pass: mkeller/", ""),
        ("login / password: mkeller / ", ""),
        ("creds: mkeller:", ""),
        ("mkeller@example.dev:", ""),
        ("Default password is now ", "."),
    ] {
        for password in ["gH4!wpz9Tq", "Teal_Harbor6", "Birnbaum-58"] {
            check(before, password, after);
        }
    }
}

#[test]
fn passwords_are_told_in_many_languages() {
    for before in [
        "Das Passwort lautet ",
        "Dein neues Passwort ist ",
        "Passwort für das WLAN: ",
        "Benutzer mkeller, Passwort ",
        "mon mot de passe est ",
        "mdp : ",
        "la contraseña es ",
        "clave: ",
        "a senha é ",
        "palavra-passe: ",
        "la mia password è ",
        "het wachtwoord is ",
        "lösenord: ",
        "passord: ",
        "adgangskode: ",
        "salasana: ",
        "heslo: ",
        "hasło: ",
        "parola: ",
        "parolă: ",
        "jelszó: ",
        "şifre: ",
        "пароль: ",
        "Пароль: ",
        "密码: ",
        "密码：",
        "パスワード：",
        "비밀번호: ",
        "κωδικός: ",
        "mật khẩu: ",
        "kata sandi: ",
        "סיסמה: ",
        "كلمة المرور: ",
    ] {
        check(before, "gH4!wpz9Tq", "");
        check(before, "Birnbaum-58", "");
    }
}

#[test]
fn keys_are_told_too() {
    let key = body(40);
    check("the api key is ", &key, "");
    check("my key ", &key, " doesn't work");
    check("here's the prod key, don't share: ", &key, "");
    check("the token for staging is ", &key, ".");
    check("token → ", &key, "");
    check("passphrase: ", "velvet orbit candle moss", "");
    check(
        "seed phrase: ",
        "velvet orbit candle moss river tin apple stone clock frost lamp under",
        ".",
    );
}

#[test]
fn sentences_about_passwords_tell_none() {
    for text in [
        "The password for the site is required.",
        "The password for the archive is SHA-256 hashed",
        "The password should be 12-characters long",
        "password hash is Abc12345$x",
        "Your password for user Admin2 expired",
        "the password policy is Min12-Upper1",
        "Please reset the password in step-3b of the guide",
        "The password must contain A-Z and 0-9 and !#$",
        "I forgot my password for GitHub2019.",
        "the key 5d41402abc4b2a76b9719d911017c592 was not found in the cache",
        "the primary key 7Kq9Lm2Xw4Rt8Zp1Vn6Bs3Yd is taken",
        "scp ann@example.org:Backup-2024x .",
        "git@example.org:Team2/Repo-1.git",
        "ann@example.org:8080",
        "passphrase: enter the one that you chose before",
        "clave: valor1",
        "Passwort: siehe Zettel",
        "mdp : voir le coffre",
        "密码: 请输入8-20位",
        "AES-256 is the password cipher",
        "OAuth2.0 is used as the password grant",
    ] {
        nothing(text);
    }
}

#[test]
fn name_and_value_may_stand_in_two_fields() {
    let password = "Qw7rTz29LmXb";
    check("- name: SMTP_PASSWORD\n  value: \"", password, "\"");
    check("- name: SMTP_PASSWORD\n              value: ", password, "\n");
    check(
        "[{\"name\":\"DB_PASSWORD\",\"value\":\"",
        password,
        "\"},{\"name\":\"STAGE\",\"value\":\"prod7\"}]",
    );
    check("{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"", password, "\"\n}");
    check("- ParameterKey: MasterUserPassword\n  ParameterValue: ", password, "");
    check("{\"ParameterKey\": \"MasterUserPassword\", \"ParameterValue\": \"", password, "\"}");
    check("<key>apiSecret</key>\n\t<string>", &body(32), "</string>");
    check("<name>db.password</name><value>", password, "</value>");
    check("{ name = \"API_TOKEN\", value = \"", &body(32), "\" }");
    nothing("- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db1, key: password1}");
    nothing("- name: DB_PASSWORD\n  value: ${DB_PASSWORD1}");
    nothing("- name: password\n  value: string");
}

#[test]
fn values_may_begin_below_their_name() {
    check("token: >-\n  ", &body(40), "\nnext: 1");
    check("password: |\n  ", "Qw7rTz29LmXb", "\n");
    check("api_key: |\n    ", &format!("{}\n    {}", body(64), body(20)), "\n  other: x");
    nothing("password: |\n  see the wiki page\n");
}

#[test]
fn columns_of_passwords_are_read() {
    check("user;password\nmkeller;", "gH4tq2Zwpl", "\n");
    check("host,login,password\nnas,mkeller,", "gH4!tq2Zw", "\n");
    check("| User | Password |\n|---|---|\n| mkeller | ", "gH4tq2Zwpl", " |\n");
    check("user\tpw\nmkeller\t", "gH4!tq2Zw", "\n");
    nothing("user;password\nmkeller;unset\nann;(none)\n");
    nothing("model,token,count\ngpt-4o,word12,7\n");
}

#[test]
fn commands_and_calls_take_passwords() {
    let word = "Qw7rTz29LmXb";
    check("kubectl create secret generic db --from-literal=password=", "QwRrTzkkLmXb", "");
    check("psk=\"", "maple-otter-77", "\"");
    check("@moon : PSK \"", word, "\"");
    check("ann : EAP \"", word, "\"");
    check("echo \"ubuntu:", word, "\" | chpasswd");
    check("echo ubuntu:", word, " | sudo chpasswd");
    check("requests.get(url, auth=(\"svc\", \"", word, "\"))");
    check("new Sequelize('crm', 'app', '", word, "', {})");
    check("new PDO('mysql:host=db', 'app', '", word, "')");
    check("driver.find_element(By.ID, \"password\").send_keys(\"", word, "\")");
    check("cy.get('#password').type('", word, "')");
    check("sqlcmd -S sql1 -U sa -P ", word, " -Q \"select 1\"");
    check("cqlsh -u cassandra -p ", word, " 10.2.3.4");
    check("mosquitto_pub -u dev -P ", word, " -t t -m m");
    check("7z x -p", word, " data.7z");
    check("smbclient //nas/x -U 'backup%", word, "'");
    check("smbclient //nas/x -U backup%", word, " -c ls");
    check("net use Z: \\\\srv\\share ", word, " /user:corp\\ann");
    check("net use \\\\srv\\share /user:corp\\ann ", word, "");
    check("Cookie: theme=dark; sessionid=", &body(32), "; lang=de");
    check("PHPSESSID=", &body(26), "");
    check("https://api.example.org/data?q=Oslo&appid=", &"0f1e2d3c4b5a6978".repeat(2), "");
    check("PRIVATE_KEY=", &format!("0x{}", "0f1e2d3c4b5a6978".repeat(4)), "");
    check("x-token-auth:", &body(40), "@bitbucket.org/acme/x.git");
    nothing("net use of energy fell");
    nothing("7z x data1.7z -oout1");
    nothing("echo \"status: ok1\" | tee log");
    nothing("client.login('ann', 'see above')");
}

#[test]
fn what_is_encrypted_or_made_to_be_published_is_weak() {
    weak(
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: ",
        &format!("Ag{}", body(300)),
        "\n",
    );
    weak("STRIPE_PUBLISHABLE_KEY=", &body(32), "\n");
}

#[test]
fn keys_without_capitals_are_told_by_a_verb() {
    check("my api key is ", "kfq05ah7i3vd6qo0x4i56hxa", "");
    check("the token is ", "kfq05ah7i3vd6qo0x4i56hxa9", ".");
    check("the key is ", "5f470297b74c4bcc1dfaa9ab7787e2a2", "");
    nothing("the key 5d41402abc4b2a76b9719d911017c592 is in the cache");
    nothing("the cache key is 5d41402abc4b2a76b9719d911017c592");
    nothing("the token is checkpasswordstrength2024");
}

#[test]
fn secrets_of_several_words_are_taken_whole() {
    check("SESSION_SECRET=", "correct horse battery 77", "\nPORT=80\n");
    check("wpa_passphrase=", "twenty geese fly", "\n");
    check("password: ", "mnvq xhtz kewr pldf", "\n");
    check("GMAIL_APP_PASSWORD=\"", "mnvq xhtz kewr pldf", "\"");
    check("my gmail app password is ", "mnvq xhtz kewr pldf", ".");
    check("The passphrase for the backup drive is \"", "nine brave herons sing", "\".");
    check("recovery codes: ", "4418-9920, 8831-0472, 1190-5582", "\nkeep them");
    let seed = "velvet orbit candle moss river tin apple stone clock frost lamp under";
    check("my secret phrase for the wallet is ", seed, " dont lose it");
    nothing("password: this must stay here");
    nothing("SESSION_SECRET=read this from the vault");
    nothing("the secret = one that nobody knows");
    nothing("The passphrase for the key is never written down anywhere.");
    nothing("We lost the recovery codes: they were on my old phone.");
}

#[test]
fn plain_passwords_are_told_in_sentences() {
    check("wifi pw ", "lakeview2ndfloor", "");
    check("vnc pw ", "k33per", "");
    check("network Barn_Guest, pass ", "quiet-otter-4471", "");
    check("user ann3 pass ", "Sn0wday-4ever", "");
    check("creds: ann3 // ", "Sn0wday-4ever", "");
    check("le mot de passe du wifi c'est ", "croquette-bleue-12", "");
    check("a senha do roteador é ", "mangueira99", "");
    check("the password for the router is ", "marigold99", ".");
    let text = "My tv password used to be popcorn4two, now it's Popcorn4three!";
    assert_eq!(found(text), ["popcorn4two", "Popcorn4three"]);
    nothing("then, pass step-2-check to the next one");
    nothing("user ann pass rate was 80-percent-2023");
    nothing("the password for the router is version2 of the old one");
}
