//! The marked text that is learned from: one item a line, names as `[PER …]`, `[LOC …]`, `[ORG …]`.
//!
//! What is called like a person has a tilde: `[LOC~ Harrison]`, `[ORG~ Baxter]`, and `[~ Stanley] Cup`, which names nobody.

use std::{fs, path::Path};

/// One name of an item: byte range and kind (0 person, 1 place, 2 organisation, or [`NO_NAME`]).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: usize,
    /// Called like a person, and to be replaced by what people are called.
    pub(crate) like_person: bool,
}

/// Kind of what is no name, though it looks like one.
pub(crate) const NO_NAME: usize = 3;

/// One item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) marks: Vec<Mark>,
}

/// How marks begin, the kind, and whether it is called like a person.
const MARKS: [(&str, usize, bool); 6] = [
    ("[PER ", 0, false),
    ("[LOC ", 1, false),
    ("[LOC~ ", 1, true),
    ("[ORG ", 2, false),
    ("[ORG~ ", 2, true),
    ("[~ ", NO_NAME, true),
];

/// Parses one line.
pub(crate) fn parse(line: &str) -> Result<Item, String> {
    let line = line.replace(" \\n ", "\n").replace("\\n", "\n");
    let mut item = Item::default();
    let mut rest = line.as_str();
    while let Some(open) = rest.find('[') {
        item.text.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(&(head, kind, like_person)) = MARKS.iter().find(|m| rest.starts_with(m.0)) else {
            item.text.push('[');
            rest = &rest[1..];
            continue;
        };
        let close = rest.find(']').ok_or_else(|| format!("open mark: {line}"))?;
        let start = item.text.len();
        item.text.push_str(&rest[head.len()..close]);
        item.marks.push(Mark { start, end: item.text.len(), kind, like_person });
        rest = &rest[close + 1..];
    }
    item.text.push_str(rest);
    Ok(item)
}

/// Reads all `*.txt` of a folder, in the order of their names.
pub(crate) fn read(folder: &Path) -> Result<Vec<Item>, String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|e| e.to_string())?
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "txt"));
    files.sort();
    let mut items = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
        for (number, line) in
            text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with("# "))
        {
            items.push(parse(line).map_err(|e| format!("{}:{}: {e}", file.display(), number + 1))?);
        }
    }
    Ok(items)
}
