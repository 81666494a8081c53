//! Reads the texts to learn from, and fills their slots.
//!
//! One text a line; `\n` stands for a line break; lines that begin with `#` are comments. `⟨slot⟩` stands for a line of
//! `slots/slot.txt`, `⟨slot*3-8⟩` for so many of them one after another, `⟨this|that⟩` for one of the words. Slots may hold slots.

use crate::random::Random;
use std::{collections::BTreeMap, fs, path::Path};

/// Slots inside of slots, at most.
const DEPTH: usize = 8;

/// Lines by the name of their file.
pub(crate) type Slots = BTreeMap<String, Vec<String>>;

/// One line, and whether it is an attack.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) line: String,
    pub(crate) attack: bool,
}

/// All lines of a folder's text files, by the name of the file.
pub(crate) fn read(folder: &Path) -> Result<Slots, String> {
    let mut files = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        let Some(name) = path.file_stem().and_then(|n| n.to_str()).map(str::to_owned) else {
            continue;
        };
        if path.extension().is_some_and(|e| e == "txt") {
            let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
            files.insert(name, lines.map(str::to_owned).collect());
        }
    }
    Ok(files)
}

/// The lines of `attacks` and `benign`.
pub(crate) fn items(folder: &Path) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    for (part, attack) in [("attacks", true), ("benign", false)] {
        let lines = read(&folder.join(part))?.into_values().flatten();
        items.extend(lines.map(|line| Item { line, attack }));
    }
    Ok(items)
}

/// The line with its slots filled.
///
/// # Errors
/// When it names a slot that is not there.
pub(crate) fn fill(line: &str, slots: &Slots, random: &mut Random) -> Result<String, String> {
    fill_to(line, slots, random, DEPTH).map(|text| text.replace("\\n", "\n"))
}

fn fill_to(line: &str, slots: &Slots, random: &mut Random, depth: usize) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('⟨') {
        let (slot, behind) =
            after.split_once('⟩').ok_or_else(|| format!("a slot is not closed: {line}"))?;
        out.push_str(before);
        if slot.contains('|') {
            let choices: Vec<&str> = slot.split('|').collect();
            out.push_str(random.pick::<&str>(&choices));
        } else {
            let depth = depth.checked_sub(1).ok_or_else(|| format!("slots in a circle: {line}"))?;
            out.push_str(&filled(slot, slots, random, depth)?);
        }
        rest = behind;
    }
    Ok(out + rest)
}

fn filled(slot: &str, slots: &Slots, random: &mut Random, depth: usize) -> Result<String, String> {
    let (name, times) = slot.split_once('*').unwrap_or((slot, "1-1"));
    let lines = slots.get(name).ok_or_else(|| format!("there is no slot {name}"))?;
    let bounds = times.split_once('-').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let (least, most): (usize, usize) =
        bounds.ok_or_else(|| format!("not a number of times: {slot}"))?;
    let count = least + random.below(most + 1 - least);
    let parts: Result<Vec<String>, String> = (0..count)
        .map(|_| fill_to(random.pick::<String>(lines).as_str(), slots, random, depth))
        .collect();
    Ok(parts?.join(" "))
}
