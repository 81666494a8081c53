//! The word lists, and the table that is made of them.

use prompt_guard::detect::names::{
    lexicon::{self, Entry},
    token::{self, Token, Tokens},
};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

/// Words by section, such as `given-names/frequent`.
pub(crate) type Sections = BTreeMap<String, Vec<String>>;

/// Reads all lists of a folder: `[section]` lines, then a word or phrase a line.
pub(crate) fn read(folder: &Path) -> Result<Sections, String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|e| e.to_string())?
        .filter_map(|e| Some(e.ok()?.path()))
        .collect();
    files.sort();
    let mut sections = Sections::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|e| e.to_string())?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut section = String::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
                Some(name) => section = format!("{stem}/{name}"),
                None => sections.entry(section.clone()).or_default().extend(words(&section, line)),
            }
        }
    }
    Ok(sections)
}

/// Lines of the hand-made lists and of the clusters hold several words.
fn words(section: &str, line: &str) -> Vec<String> {
    let separator = if section.starts_with("hand/") { ',' } else { ' ' };
    let many = section.starts_with("hand/") || section.starts_with("clusters/");
    if many {
        line.split(separator).map(|w| w.trim().to_lowercase()).filter(|w| !w.is_empty()).collect()
    } else {
        vec![line.to_owned()]
    }
}

/// What each section says of its words, as words and as phrases.
const FLAGS: &[(&str, u32)] = &[
    ("given-names/frequent", Entry::GIVEN),
    ("given-names/other", Entry::GIVEN_RARE),
    ("surnames/frequent", Entry::SURNAME),
    ("surnames/other", Entry::SURNAME_RARE),
    ("cities/large", Entry::CITY),
    ("cities/middle", Entry::TOWN),
    ("cities/small", Entry::TOWN),
    ("regions/country", Entry::REGION),
    ("regions/county", Entry::TOWN),
    ("english/common", Entry::COMMON),
    ("english/known", Entry::KNOWN),
    ("english/proper", Entry::PROPER),
    ("hand/function", Entry::FUNCTION),
    ("hand/foreign", Entry::FOREIGN),
    ("hand/calendar", Entry::CALENDAR),
    ("hand/organisation word", Entry::ORG_WORD),
    ("hand/place word", Entry::PLACE_WORD),
    ("hand/title", Entry::TITLE),
    ("hand/organisation", Entry::ORG),
    ("hand/place", Entry::REGION),
    ("hand/product", Entry::PRODUCT),
    ("hand/cue", Entry::LOWER_NAME),
    ("hand/interjection", Entry::FUNCTION),
    ("hand/person", Entry::SURNAME),
];

/// Packs the table.
pub(crate) fn pack(sections: &Sections) -> Vec<u8> {
    let mut entries: HashMap<u64, Entry> = HashMap::new();
    for (section, flag) in FLAGS {
        for word in sections.get(*section).into_iter().flatten() {
            enter(&mut entries, word, *flag);
        }
    }
    for (section, words) in sections.iter().filter(|(s, _)| s.starts_with("clusters/")) {
        let cluster = section["clusters/".len()..].parse().unwrap_or(0);
        for word in words {
            entries.entry(token::hash(word)).or_default().cluster = cluster;
        }
    }
    for entry in entries.values_mut() {
        if is_lower_name(entry.flags) {
            entry.flags |= Entry::LOWER_NAME;
        }
    }
    for word in sections.get("hand/identifier").into_iter().flatten() {
        if let Some(entry) = entries.get_mut(&token::hash(word)) {
            entry.flags &= !Entry::LOWER_NAME;
        }
    }
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by_key(|(hash, _)| *hash);
    lexicon::pack(&entries)
}

/// Names that are no everyday word, so that they are worth a look when written small.
fn is_lower_name(flags: u32) -> bool {
    let name = Entry::GIVEN | Entry::SURNAME | Entry::CITY | Entry::REGION | Entry::ORG;
    let word = Entry::COMMON
        | Entry::FUNCTION
        | Entry::FOREIGN
        | Entry::CALENDAR
        | Entry::ORG_WORD
        | Entry::PLACE_WORD
        | Entry::PRODUCT;
    flags & name != 0
        && flags & word == 0
        && (flags & Entry::KNOWN == 0 || flags & (Entry::GIVEN | Entry::REGION) != 0)
}

fn enter(entries: &mut HashMap<u64, Entry>, word: &str, flag: u32) {
    let tokens: Vec<Token> = Tokens::of(word).collect();
    match tokens.as_slice() {
        [] => {}
        [one] => entries.entry(one.id).or_default().flags |= flag,
        [first, rest @ ..] => {
            let mut hash = first.id;
            for token in rest {
                entries.entry(hash).or_default().flags |= Entry::STARTS_PHRASE;
                hash = token::join(hash, token.id);
            }
            entries.entry(hash).or_default().flags |= flag | Entry::PHRASE;
        }
    }
}
