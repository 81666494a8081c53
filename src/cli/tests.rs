//! Commands as people type them, run in memory and on folders of their own.

use super::*;
use clap::Parser;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What a command wrote, and its exit status.
#[derive(Debug, PartialEq)]
struct Ran {
    status: u8,
    out: String,
    err: String,
}

#[track_caller]
fn offline(args: &[&str]) -> Offline {
    let parsed = Args::try_parse_from(std::iter::once(&"prompt-guard").chain(args));
    let Command::Offline(offline) = parsed.unwrap_or_else(|e| panic!("{e}")).command else {
        panic!("{args:?} needs a server");
    };
    offline
}

#[track_caller]
fn run_on(input: &str, args: &[&str]) -> Ran {
    let command = offline(args);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut input = input.as_bytes();
    let mut io = Io {
        input: io::BufReader::new(&mut input),
        out: &mut out,
        err: &mut err,
        environment: Environment::new(),
    };
    let status = command.run_with(&mut io);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status, out: text(out), err: text(err) }
}

#[track_caller]
fn run(args: &[&str]) -> Ran {
    run_on("", args)
}

#[track_caller]
fn done(ran: Ran) -> String {
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran.out
}

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("prompt-guard-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn scan_tells_places_and_no_values() {
    let ran = run(&["scan", "to Bö <b@example.org>\nand 4111 1111 1111 1111"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.contains(&"text1:1:8 EMAIL_ADDRESS 1.00"), "{lines:?}");
    assert!(lines.iter().any(|l| l.starts_with("text1:2:5 CREDIT_CARD ")), "{lines:?}");
    assert!(!ran.out.contains("example.org") && !ran.err.contains("example.org"));
    assert!(ran.err.contains("texts scanned: 1"));
    assert_eq!(ran.status, 0);
}

#[test]
fn scan_shows_values_when_asked() {
    let out = done(run(&["scan", "--show", "-t", "b@example.org"]));
    assert_eq!(out, "text1:1:1 EMAIL_ADDRESS 1.00 b@example.org\n");
}

#[test]
fn scan_reads_standard_input_when_there_is_nothing_else() {
    let out = done(run_on("x\n b@example.org", &["scan"]));
    assert_eq!(out, "-:2:2 EMAIL_ADDRESS 1.00\n");
}

#[test]
fn scan_writes_json_with_offsets_in_scalars() {
    let out = done(run(&["scan", "--json", "ä b@example.org"]));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(json["verdict"], "redact");
    assert_eq!((finding["start"].as_u64(), finding["end"].as_u64()), (Some(2), Some(15)));
    assert_eq!(finding["operator"], "replace");
    assert!(finding.get("value").is_none());
}

#[test]
fn scan_fails_on_what_it_is_told_to() {
    let status = |types: &str| run(&["scan", "--fail-on", types, "write b@example.org"]).status;
    assert_eq!(status("EMAIL"), 1);
    assert_eq!(status("CREDIT_CARD,EMAIL_ADDRESS"), 1);
    assert_eq!(status("all"), 1);
    assert_eq!(status("SECRET*"), 0);
    let ran = run(&["scan", "--fail-on", "UNICORN", "a b"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("no recognizer finds `UNICORN`"), "{}", ran.err);
}

#[test]
fn scan_walks_folders_in_order_and_leaves_out_what_is_no_text() {
    let folder = Folder::new("tree");
    folder.file("b/two.txt", "b@example.org");
    folder.file("a.txt", "none\nx a@example.org");
    folder.file(".env", "MAIL=c@example.org");
    folder.file(".git/config", "d@example.org");
    folder.file("node_modules/x.js", "e@example.org");
    folder.file("picture.png", b"\x89PNG\x00 f@example.org");
    let root = folder.path("");
    let ran = run(&["scan", "--exclude", "node_modules", &root]);
    let lines: Vec<&str> = ran.out.lines().map(|l| l.strip_prefix(&root).unwrap()).collect();
    let expected = [
        ".env:1:6 EMAIL_ADDRESS 1.00",
        "a.txt:2:3 EMAIL_ADDRESS 1.00",
        "b/two.txt:1:1 EMAIL_ADDRESS 1.00",
    ];
    assert_eq!(lines, expected);
    assert_eq!(ran.err, "findings: 3, texts scanned: 3, left out since they are no text: 1\n");
}

#[test]
fn scan_reads_utf_16_by_its_byte_order_mark() {
    let folder = Folder::new("utf16");
    let text = "to a@example.org";
    let little: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    folder.file("big.txt", big);
    folder.file("little.txt", little);
    let ran = run(&["scan", "--fail-on", "EMAIL", &folder.path("")]);
    assert_eq!(ran.status, 1);
    assert_eq!(ran.out.matches(":1:4 EMAIL_ADDRESS").count(), 2, "{}", ran.out);
}

#[test]
fn a_mistyped_path_is_not_clean_text() {
    let ran = run(&["scan", "no-such-file.txt"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--text"), "{}", ran.err);
}

#[test]
fn bytes_that_are_no_utf8_do_not_hide_the_rest() {
    let folder = Folder::new("latin1");
    let file = folder.file("x.txt", b"caf\xe9 b@example.org");
    assert!(done(run(&["scan", &file])).ends_with(":1:6 EMAIL_ADDRESS 1.00\n"));
}

#[test]
fn entities_and_scores_replace_the_policy_selection() {
    let text = "see https://example.org/a and b@example.org";
    let found = |args: &[&str]| done(run(&[&["scan", text], args].concat())).lines().count();
    assert_eq!(found(&[]), 1);
    assert_eq!(found(&["--entities", "all"]), 2);
    assert_eq!(found(&["--entities", "URL"]), 1);
    assert_eq!(found(&["--entities", "CREDIT_CARD"]), 0);
    assert!(Args::try_parse_from(["prompt-guard", "scan", "--min-score", "2"]).is_err());
}

#[test]
fn keys_that_open_nothing_are_told_of_only_where_a_policy_is_named() {
    let text = format!("key {}{}", "AKIA", "IOSFODNN7EXAMPLE");
    let found = |args: &[&str]| done(run(&[&["scan", &text], args].concat())).lines().count();
    assert_eq!(found(&[]), 0);
    assert_eq!(found(&["--entities", "all"]), 0);
    assert_eq!(found(&["--policy", "default_pii"]), 1);
    assert_eq!(found(&["--min-score", "0.25"]), 1);
}

#[test]
fn lines_of_json_are_answered_line_by_line() {
    let input = concat!(
        r#"{"id": 7, "text": "ä\u00e4 b@example.org", "more": [1]}"#,
        "\n\n",
        r#"{"id": "x\"y", "text": "none"}"#,
        "\n",
    );
    let out = done(run_on(input, &["scan", "--jsonl"]));
    let expected = concat!(
        r#"{"id":7,"spans":[{"start":3,"end":16,"type":"EMAIL_ADDRESS","score":1}]}"#,
        "\n",
        r#"{"id":"x\"y","spans":[]}"#,
        "\n",
    );
    assert_eq!(out, expected);
}

#[test]
fn bad_lines_of_json_are_named_by_number_and_not_repeated() {
    for (line, part) in [
        (r#"{"id": 1}"#, "line 2, column 9: expected an object with `id`"),
        (r#"{"id": 1, "text": "b@example.org""#, "line 2, column 33: not a JSON object"),
        ("nonsense", "line 2, column 2: not a JSON object"),
    ] {
        let ran = run_on(&format!("{{\"id\":0,\"text\":\"\"}}\n{line}\n"), &["scan", "--jsonl"]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains(part), "{}", ran.err);
        assert!(!ran.err.contains("example"), "{}", ran.err);
    }
}

#[test]
fn redacted_text_comes_back_by_its_mapping() {
    let folder = Folder::new("round");
    let mapping = folder.path("m");
    let text = "b@example.org and c@example.org, [EMAIL_1]";
    let out = done(run(&["redact", "--mapping", &mapping, text]));
    assert_eq!(out, "[EMAIL_2] and [EMAIL_3], [EMAIL_1]\n");
    let again = done(run(&["redact", "-m", &mapping, "only c@example.org"]));
    assert_eq!(again, "only [EMAIL_3]\n");
    assert_eq!(done(run_on(out.trim_end(), &["restore", "-m", &mapping])), text);
}

#[cfg(unix)]
#[test]
fn mappings_are_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("mode");
    let mapping = folder.path("m");
    done(run(&["redact", "-m", &mapping, "to b@example.org"]));
    assert_eq!(fs::metadata(&mapping).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn saving_a_mapping_leaves_the_files_beside_it_alone() {
    let folder = Folder::new("beside");
    let mapping = folder.path("m");
    folder.file("m.new", "of somebody else");
    done(run(&["redact", "-m", &mapping, "to b@example.org"]));
    done(run(&["redact", "-m", &mapping, "to c@example.org"]));
    assert_eq!(folder.read("m.new"), "of somebody else");
    let names = fs::read_dir(&folder.0).unwrap().map(|it| it.unwrap().file_name());
    assert_eq!(
        names.collect::<std::collections::BTreeSet<_>>(),
        ["m", "m.new"].map(Into::into).into()
    );
}

#[cfg(unix)]
#[test]
fn a_mapping_is_not_written_through_a_link_that_waits_for_it() {
    let folder = Folder::new("link");
    let elsewhere = folder.file("elsewhere", "");
    let link = folder.0.join(format!(".m.{}.new", std::process::id()));
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    let ran = run(&["redact", "-m", &folder.path("m"), "to b@example.org"]);
    assert!(ran.status == 2 && ran.err.contains("cannot write"), "{ran:?}");
    assert_eq!(folder.read("elsewhere"), "");
}

#[test]
fn the_mapping_of_the_service_restores_too() {
    let folder = Folder::new("json");
    let pairs = r#"[{"placeholder": "[EMAIL_1]", "original": "b\"@example.org"}]"#;
    for (name, content) in [
        ("list", pairs.to_owned()),
        ("answer", format!("{{\"mapping\": {pairs}, \"session\": \"\"}}")),
    ] {
        let file = folder.file(name, content);
        assert_eq!(done(run(&["restore", "-m", &file, "to [EMAIL_1]"])), "to b\"@example.org\n");
        assert_eq!(
            done(run(&["restore", "--in-json", "-m", &file, "to [EMAIL_1]"])),
            "to b\\\"@example.org\n"
        );
    }
    let bad = folder.file("bad", "nothing");
    assert!(run(&["restore", "-m", &bad, "a b"]).err.contains("is no mapping"));
}

#[test]
fn folders_are_redacted_into_copies_with_one_mapping() {
    let folder = Folder::new("copies");
    folder.file("in/a.txt", "b@example.org");
    folder.file("in/sub/c.txt", "again b@example.org");
    let (input, output, back) = (folder.path("in"), folder.path("out"), folder.path("back"));
    let mapping = folder.path("m");
    assert_eq!(run(&["redact", &input]).status, 2);
    done(run(&["redact", "-m", &mapping, "-o", &output, &input]));
    assert_eq!(folder.read("out/a.txt"), "[EMAIL_1]");
    assert_eq!(folder.read("out/sub/c.txt"), "again [EMAIL_1]");
    done(run(&["restore", "-m", &mapping, "-o", &back, &output]));
    assert_eq!(folder.read("back/sub/c.txt"), "again b@example.org");
    let twice = run(&["redact", "-o", &input, &input]);
    assert_eq!(twice.status, 2, "the originals are not written over");
    assert_eq!(folder.read("in/a.txt"), "b@example.org");
}

#[test]
fn redact_writes_json_with_places_in_both_texts() {
    let out = done(run(&["redact", "--json", "ä b@example.org"]));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["text"], "ä [EMAIL_1]");
    let finding = &json["findings"][0];
    let places =
        ["start", "end", "redacted_start", "redacted_end"].map(|key| finding[key].as_u64());
    assert_eq!(places, [Some(2), Some(15), Some(2), Some(11)]);
}

#[test]
fn what_a_policy_blocks_is_not_written() {
    let folder = Folder::new("block");
    let policy = folder.file("strict.yaml", "entities: {EMAIL: {action: block}}");
    let ran = run(&["redact", "-p", &policy, "to b@example.org"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert_eq!(ran.err, "text1: blocked by policy strict, nothing is written\n");
}

#[test]
fn keys_make_hashes_that_stay() {
    let folder = Folder::new("keys");
    let policy = folder.file("p.yaml", "entities: {EMAIL: {operator: hash}}");
    let key = folder.file("key", format!("{}\n", "0123456789abcdef".repeat(4)));
    let hash = || done(run(&["redact", "-p", &policy, "--key-file", &key, "to b@example.org"]));
    assert_eq!(hash(), hash());
    let short = folder.file("short", "x");
    assert!(run(&["redact", "--key-file", &short, "a b"]).err.contains("64 hexadecimal"));
}

#[test]
fn policies_are_listed_shown_and_found_in_folders() {
    let folder = Folder::new("policies");
    folder.file("p/team.yaml", "extends: secrets\ndescription: ours\nentities: {EMAIL: {operator: {mask: {keep_last: 4}}}}");
    folder.file("p/notes.txt", "no policy");
    let path = folder.path("p");
    let list = done(run(&["policies", "list", "--policies", &path]));
    assert_eq!(list.lines().count(), 8);
    assert!(list.lines().any(|l| l.starts_with("team ") && l.ends_with("ours")), "{list}");
    let show = done(run(&["policies", "show", "--policies", &path, "team"]));
    let email = r#"  EMAIL_ADDRESS: {operator: {mask: {character: "*", keep_first: 0, keep_last: 4}}, min_score: 0.5, action: redact, direction: input, output: pass}"#;
    assert!(show.lines().any(|l| l == email), "{show}");
    assert!(show.contains("SECRET: {operator: \"[SECRET_{i}]\""), "{show}");
}

#[test]
fn what_show_writes_is_a_policy_that_does_the_same() {
    let folder = Folder::new("show");
    let all =
        ["default_pii", "gdpr_strict", "hipaa_phi", "injection", "pci_dss", "secrets", "slm_local"];
    for name in all {
        let shown = done(run(&["policies", "show", name]));
        let copy = folder.file(&format!("{name}.yaml"), shown);
        let list = done(run(&["policies", "list", "--policies", &copy]));
        assert_eq!(list, done(run(&["policies", "list"])), "{name}");
    }
}

#[test]
fn check_reports_all_faults_with_their_places() {
    let folder = Folder::new("check");
    let good = folder.file("good.yaml", "entities: [EMAIL]");
    assert!(done(run(&["policies", "check", &good])).contains("good is sound, version "));
    let bad = folder.file("bad.yaml", "entities: [EMAIL, UNICORN]\ncolour: red\n");
    let ran = run(&["policies", "check", &good, &bad]);
    assert_eq!(ran.status, 1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("bad.yaml:1:19: entities.UNICORN: "), "{lines:?}");
    assert!(lines[1].contains("bad.yaml:2:1: colour: "), "{lines:?}");
    let scan = run(&["scan", "-p", &bad, "a b"]);
    assert_eq!(scan.status, 2);
    assert!(scan.err.contains("colour"), "{}", scan.err);
}

#[test]
fn unknown_policies_are_told_with_what_is_known() {
    let ran = run(&["scan", "-p", "nobody", "a b"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.starts_with("error: there is no policy `nobody`; known are default_pii"),
        "{}",
        ran.err
    );
}

#[test]
fn recognizers_are_listed_with_their_types() {
    let out = done(run(&["recognizers"]));
    assert!(out.contains("email: ") && out.contains("    EMAIL_ADDRESS\n"), "{out}");
    for line in done(run(&["recognizers", "--json"])).lines() {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(!json["entity_types"].as_array().unwrap().is_empty());
    }
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let command = offline(&["policies", "list"]);
    let mut input: &[u8] = b"";
    let mut io = Io {
        input: io::BufReader::new(&mut input),
        out: &mut Gone,
        err: &mut Vec::new(),
        environment: Environment::new(),
    };
    assert_eq!(command.run_with(&mut io), 0);
}

#[test]
fn every_argument_is_described() {
    use clap::CommandFactory;
    Args::command().debug_assert();
    assert!(!Path::new("").exists());
}

/// A green check of a file that was not looked at would be a lie.
#[test]
fn a_file_that_is_named_is_scanned_whatever_is_in_it() {
    let folder = Folder::new("zeros");
    let named = folder.file("nul.txt", b"x\0y ann@example.org");
    let found = run(&["scan", "--fail-on", "all", &named]);
    assert_eq!((found.status, found.err.as_str()), (1, "findings: 1, texts scanned: 1\n"));
    let in_folder = run(&["scan", "--fail-on", "all", &folder.path("")]);
    assert!(in_folder.err.ends_with("left out since they are no text: 1\n"), "{}", in_folder.err);
    let utf_16: Vec<u8> =
        "mail ann@example.org".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let without_mark = folder.file("more/utf16.txt", utf_16);
    assert_eq!(run(&["scan", "--fail-on", "all", &without_mark]).status, 1);
}

#[test]
fn copies_are_written_in_the_encoding_of_the_file() {
    let folder = Folder::new("encodings");
    let utf_16 = |text: &str| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let files = [
        ("latin.txt", b"Jos\xE9: ann@example.org\r\n".to_vec(), b"Jos\xE9: [EMAIL_1]\r\n".to_vec()),
        ("wide.txt", utf_16("José: ann@example.org"), utf_16("José: [EMAIL_1]")),
        ("utf8.txt", "\u{feff}José: ann@example.org".into(), "\u{feff}José: [EMAIL_1]".into()),
    ];
    for (name, original, redacted) in files {
        let file = folder.file(name, &original);
        let (mapping, out) = (folder.0.join(format!("{name}.map")), folder.0.join("out"));
        let (mapping, out) = (mapping.display().to_string(), out.display().to_string());
        let policy = folder.file("mails.yaml", "entities: [EMAIL]\n");
        done(run(&["redact", "-p", &policy, "-m", &mapping, "-o", &out, &file]));
        let copy = Path::new(&out).join(name);
        assert_eq!(fs::read(&copy).unwrap(), redacted, "{name}");
        let back = folder.0.join("back");
        done(run(&[
            "restore",
            "-m",
            &mapping,
            "-o",
            &back.display().to_string(),
            &copy.display().to_string(),
        ]));
        assert_eq!(fs::read(back.join(name)).unwrap(), original, "{name}");
    }
}
