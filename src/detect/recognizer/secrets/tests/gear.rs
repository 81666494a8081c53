//! Pairs of users and passwords, plain passwords, and settings of network gear.

use super::*;

const WORD: &str = "Ug5#wpTz29Lm";

#[test]
fn users_and_passwords_stand_beside_each_other() {
    for (before, after) in [
        ("admin / ", ""),
        ("root/", " on the backup host"),
        ("admin:", "@10.2.0.4"),
        ("credentials are mkeller / ", ""),
        ("login is mkeller / ", ""),
        ("my bank login is rosa_22 / ", " please check"),
        ("user/pass is mkeller / ", ""),
        ("Log in with desk@example.dev / ", ""),
        ("sign in as mkeller and ", "."),
        ("creds mkeller ", ""),
        ("user mkeller password ", ""),
        ("the sa password ", ""),
        ("vpn password ", ""),
        ("pass is ", ""),
        ("Password - ", ""),
        ("wifi: ", ""),
        ("wifi key: ", ""),
        ("WLAN-Schlüssel: ", ""),
        ("code wifi : ", ""),
        ("WiFi network Heron, key: ", ""),
        ("Guest WiFi\nSSID: Heron\nKey: ", ""),
        ("<property name=\"password\">", "</property>"),
    ] {
        check(before, WORD, after);
    }
    for text in [
        "admin / Settings-2",
        "root/Docs%20v2",
        "see admin/Page+1",
        "login is required / step2-A",
        "wifi: iwlwifi-7265D",
        "wifi: channel 11",
        "log in with Google and GitHub",
        "sign in as admin and reset",
        "pass is a Verb-2",
        "the creds file is Config-2",
        "root:x:0:0:root:/root:/bin/bash",
        "admin: see https://x.example/a?b=1",
        "administrator: done",
    ] {
        nothing(text);
    }
}

#[test]
fn a_second_password_is_told_after_the_first() {
    for (text, expected) in [
        ("password: Ug5#wpTz29Lm or Ky8!moRt31", vec!["Ug5#wpTz29Lm", "Ky8!moRt31"]),
        (
            "The old pw was Ug5#wpTz29Lm and the new one is Ky8!moRt31",
            vec!["Ug5#wpTz29Lm", "Ky8!moRt31"],
        ),
        ("Passwords: Ug5#wpTz29Lm, Ky8!moRt31", vec!["Ug5#wpTz29Lm", "Ky8!moRt31"]),
        ("old password Ug5#wpTz29Lm, new: Ky8!moRt31", vec!["Ug5#wpTz29Lm", "Ky8!moRt31"]),
        (
            "password was changed from Ug5#wpTz29Lm to Ky8!moRt31",
            vec!["Ug5#wpTz29Lm", "Ky8!moRt31"],
        ),
        (
            "Try Ug5#wpTz29Lm as the password, and if that fails Ky8!moRt31",
            vec!["Ug5#wpTz29Lm", "Ky8!moRt31"],
        ),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn plain_passwords_are_told_by_a_sign_or_verb() {
    check("pw: ", "tulip5593", "");
    check("mdp : ", "tulip5593", "");
    check("netflix pw ", "tulip5593", "");
    check("the netflix pw is now ", "tulip5593", "");
    check("clave: ", "tulip5593", "");
    check("clave wifi: ", "tulip5593", "");
    check("senha do wifi: ", "tulip5593", "");
    check("the pw was ", "tulip5593", "");
    check("hasło: ", "tulip5593", "");
    check("Zoom passcode: ", "y8Kr3Ln", "");
    nothing("clave: valor");
    nothing("the pw is at least12");
    nothing("pw: md5hash12");
}

#[test]
fn letters_or_digits_alone_are_passwords_in_settings() {
    check("DB_PASSWORD=", "velvetmoss", "\n");
    check("X=1\nexport DB_PASSWORD=", "velvetmoss", "\nY=2");
    check("{\"username\": \"rosa\", \"password\": \"", "velvetmoss", "\"}");
    check("Username: rosa\nPassword: ", "velvet", "\n");
    check("password=", "55930718", "&x=1");
    check("password = ", "55930718", "\n");
    check("{\"password\": ", "55930718", ", \"active\": true}");
    check("{\"user\":\"rosa\",\"password\":", "55930718", "}");
    check("my wifi password is ", "55930718", ".");
    check("new password for the hotspot: ", "55930718", "");
    check("my bank password used to be ", "55930718", " but I changed it");
    check("what's the wifi password? it's ", "blueHeron_77", " all one word");
    for text in [
        "password=velvetmoss",
        "DB_PASSWORD=disabled\n",
        "DB_PASSWORD=postgres\n",
        "DB_USER=velvet\nDB_PASSWORD=velvet\n",
        "Password: giraffe",
        "{\"password\": \"velvetmoss\"}",
        "{\"username\": \"name\", \"password\": \"missing\"}",
        "Username: required\nPassword: required",
        "PASSWORD = velvetmoss",
        "password_length=55930718",
        "password: 12",
        "the password is 120000 characters of noise",
        "the password was 20240512",
        "the password is 559307.18 EUR worth",
        "\"passwords\": 55930718",
        "if password == 55930718 {",
        "pass: 550718",
        "DB_PASSWORD=tulips # see the vault",
        "{\"user\": \"Benutzer\", \"password\": \"Kennwort\"}",
    ] {
        nothing(text);
    }
}

#[test]
fn network_gear_and_servers_have_passwords_beside_a_word() {
    for before in [
        "enable secret ",
        "enable password ",
        "username netops privilege 15 secret ",
        "neighbor 10.2.1.1 password ",
        "tacacs-server key ",
        "radius-server key 7 ",
        "snmp-server community ",
        "pre-shared-key ",
        "crypto isakmp key ",
        "set psksecret ",
        "auth_pass ",
        "requirepass ",
        "masterauth ",
        "setenv DB_PASSWORD ",
        "set -x DB_PASSWORD ",
        "Invoke-Sqlcmd -Password ",
        "cmdkey /user:rosa /pass:",
        "xfreerdp /u:rosa /p:",
        "cmdkey /password:",
        "htpasswd -b users rosa ",
        "unzip -P ",
        "ssh-keygen -t ed25519 -N ",
        "openssl enc -aes-256-cbc -k ",
        "ipmitool -H h -P ",
        "twine upload -u rosa -p ",
        "evil-winrm -i h -u rosa -p ",
        "etcdctl --user rosa:",
        "lftp -u rosa,",
        "nmcli dev wifi connect Heron password ",
        "netsh wlan set hostednetwork key=",
        "net user rosa ",
        "[mail.example.dev]:587 rosa:",
    ] {
        check(before, "Ug5kwpTz29Lm", " ");
    }
    for (before, after) in [
        ("echo ", " | sudo -S apt update"),
        ("echo '", "' | docker login -u rosa --password-stdin"),
        ("echo ", " | passwd --stdin rosa"),
        ("sql.Open(\"mysql\", \"rosa:", "@tcp(db:3306)/crm\")"),
        ("variable \"db_password\" {\n  type = string\n  default = \"", "\"\n}"),
        ("fill_in \"Password\", with: \"", "\""),
        ("getConnection(url, \"rosa\", \"", "\")"),
        ("pymysql.connect(\"db\", \"rosa\", \"", "\")"),
        (".basic_auth(\"rosa\", \"", "\")"),
        ("[{\"key\":\"DB_PASSWORD\",\"value\":\"", "\"}]"),
    ] {
        check(before, "Ug5kwpTz29Lm", after);
    }
    check("line vty 0 4\n password 7 ", "104F571B1A0B57", "\n");
    nothing("password 7 12345678");
    nothing("our pw policy2024 and pw reset2024");
    check("bitlocker recovery key ", "559307-181720-204413-559306-229315-882013-442299-661320", "");
    for text in [
        "enable password encryption",
        "enable secret v2-migration",
        "enable secret v2.1-beta in the settings",
        "ASP.NET user login OAuth2.0 guide",
        "requirepass <password>",
        "snmp-server community public",
        "use unzip -P with care2",
        "echo $PW | sudo -S id",
        "cat file1.txt | docker build",
        "net user growth fell",
        "variable \"db_password\" { default = \"\" }",
        "tool -password field",
        "ssh-keygen -N ''",
        "GET /password:reset1",
        "htpasswd users rosa2 x",
        "connect(url, \"rosa\", \"callback\")",
    ] {
        nothing(text);
    }
}

#[test]
fn values_that_commands_put_into_stores_are_found() {
    let key = body(32);
    check("gh secret set DEPLOY_X -b\"", &key, "\"");
    check("gh secret set DEPLOY_X --body ", "m0ss-Lantern", "\n");
    check("az keyvault secret set --vault-name v --name n --value \"", "m0ss-Lantern", "\"");
    check("echo \"", &key, "\" | gh auth login --with-token");
    check("echo ", &key, " | algolia login --token-stdin");
    check(
        &format!("Twilio::REST::Client.new 'AC{}', '", "0f1e2d3c4b5a6978".repeat(2)),
        "b4e8327faf5660e5c79b7aa1df140139",
        "'",
    );
    nothing("gh secret set DEPLOY_X --body \"$TOKEN\"");
    nothing("echo \"$TOKEN\" | gh auth login --with-token");
    nothing("gh secret set DEPLOY_X < token.txt");
}

#[test]
fn passwords_of_networks_and_installers_are_found() {
    check("WIFI:T:WPA;S:Barn;P:", "Moss99lantern", ";;");
    check("WIFI:S:Barn\\;2;T:WPA;P:", "moss\\;lantern", ";H:true;;");
    check("rootpw --plaintext ", "M0sslantern!", "\n");
    check("net use Z: \\\\fs01\\share /user:CORP\\ann ", "Qu1etNight!", "\n");
    nothing("WIFI:T:nopass;S:Barn;;");
    nothing("WIFI:T:WPA;S:Barn;P:<password>;;");
    nothing("rootpw --iscrypted");
}
