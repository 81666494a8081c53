//! The documentation as a whole: what it points at is there.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("clients/README.md")];
    pages.extend(fs::read_dir("docs").unwrap().map(|entry| entry.unwrap().path()));
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for target in targets(&text) {
            let file = page.parent().unwrap_or(Path::new("")).join(target);
            assert!(file.exists(), "{} links to {}", page.display(), file.display());
            links += 1;
        }
    }
    assert!(links > 5, "only {links} links were seen: the test reads them wrongly");
}

/// The files of all `[…](file)` and `[…](file#part)`; addresses of other sites are left out.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(['#', ')']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}
