//! The documentation as a whole: what it points at is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_relative_link_leads_to_a_part_of_a_page_that_is_there() {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("clients/README.md")];
    pages.extend(fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path()));
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
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
