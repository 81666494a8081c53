//! The documentation as a whole: what it points at is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every page that users read, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let alone =
        ["README.md", "clients/README.md", "clients/python/README.md", "tests/load/README.md"];
    let in_docs = fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path());
    let paths = alone.into_iter().map(PathBuf::from).chain(in_docs);
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_relative_link_leads_to_a_part_of_a_page_that_is_there() {
    let mut links = 0;
    for (page, text) in pages() {
        for (file, part) in targets(&text) {
            let file = match file {
                "" => page.clone(),
                file => page.parent().unwrap_or(Path::new("")).join(file),
            };
            assert!(file.exists(), "{} links to {}", page.display(), file.display());
            if let Some(part) = part {
                let there = headings(&fs::read_to_string(&file).unwrap());
                let (page, file) = (page.display(), file.display());
                assert!(there.iter().any(|it| it == part), "{page} links to #{part} of {file}");
            }
            links += 1;
        }
    }
    assert!(links > 50, "only {links} links were seen: the test reads them wrongly");
}

/// The files, and the parts of them, of all `[…](file#part)`; addresses of other sites are left out.
fn targets(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .map(|target| match target.split_once('#') {
            Some((file, part)) => (file, Some(part)),
            None => (target, None),
        })
}

/// The headings of a page, as links name them: small letters, digits and dashes.
fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let name = |c: char| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c.to_ascii_lowercase()),
        _ => None,
    };
    lines
        .map(|line| line.trim_start_matches('#').trim().chars().filter_map(name).collect())
        .collect()
}

#[test]
fn every_path_of_the_repository_that_a_page_names_is_there() {
    const FOLDERS: &[&str] = &[
        "benches/",
        "clients/",
        "deploy/",
        "docs/",
        "examples/",
        "fuzz/",
        "policies/",
        "proto/",
        "src/",
        "tests/",
    ];
    let mut seen = 0;
    for (page, text) in pages() {
        let quoted = text.split('`').skip(1).step_by(2);
        // A project in Java keeps its sources there.
        let is_ours = |word: &&str| !word.starts_with("src/main/");
        let is_path = |word: &&str| {
            let is_source = word.contains('/') && word.ends_with(".rs");
            is_source || FOLDERS.iter().any(|folder| word.starts_with(folder))
        };
        for path in
            quoted.filter(is_path).filter(is_ours).filter(|word| !word.contains([' ', '*', '<']))
        {
            let beside = page.parent().unwrap_or(Path::new("")).join(path);
            let in_source = Path::new("src").join(path);
            let there = Path::new(path).exists() || beside.exists() || in_source.exists();
            assert!(there, "{} names {path}", page.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} paths were seen: the test reads them wrongly");
}

#[test]
fn every_task_that_is_named_anywhere_is_one_of_the_makefile() {
    let makefile = fs::read_to_string("Makefile").unwrap();
    let targets = makefile.lines().filter(|line| line.contains(": ") || line.ends_with(':'));
    let tasks: BTreeSet<&str> =
        targets.filter_map(|line| line.split(':').next()).flat_map(str::split_whitespace).collect();
    let scripts = [".ci/run", ".github/workflows/ci.yml", ".github/workflows/load.yml"];
    let scripts = scripts.map(|path| (PathBuf::from(path), fs::read_to_string(path).unwrap()));
    let mut seen = 0;
    for (page, text) in pages().into_iter().chain(scripts) {
        for task in following(&text, "make ").filter(|word| !word.ends_with('-')) {
            assert!(tasks.contains(task), "{} says `make {task}`", page.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} tasks were seen: the test reads them wrongly");
}

#[test]
fn every_benchmark_and_example_that_is_named_can_be_built() {
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    for (page, text) in pages() {
        let named = following(&text, "--bench ").chain(following(&text, "--example "));
        for name in named {
            let line = format!("name = \"{name}\"");
            let found = Path::new("examples").join(name).exists() || manifest.contains(&line);
            assert!(found, "{} builds {name}", page.display());
        }
    }
}

/// The words that stand behind `what` where it begins a command: at the start of a line, or of what is quoted.
fn following<'t>(text: &'t str, what: &'t str) -> impl Iterator<Item = &'t str> {
    let is_start = |before: &str| match what.starts_with("--") {
        true => before.ends_with(' '),
        false => {
            let line = before.rsplit('\n').next().unwrap_or_default();
            line.trim().is_empty() || before.ends_with('`') || line.ends_with("run: ")
        }
    };
    text.match_indices(what).filter(move |(at, _)| is_start(&text[..*at])).map(move |(at, _)| {
        let rest = &text[at + what.len()..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    })
}
