//! The file of a mapping. It holds the originals in clear.

use super::{Failure, output::unwritable, setup::unreadable};
use crate::{redact::Mapping, sensitive::Sensitive};
use serde::Deserialize;
use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    process,
};

/// The mapping in a file, or an empty one where there is none yet.
pub(super) fn continued(path: &Path) -> Result<Mapping, Failure> {
    if path.exists() { load(path) } else { Ok(Mapping::new()) }
}

/// A mapping in either form.
pub(super) fn load(path: &Path) -> Result<Mapping, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let mapping = match bytes.trim_ascii_start().first() {
        Some(b'[' | b'{') => from_json(&bytes),
        _ => Mapping::decode(&bytes).ok(),
    };
    mapping.ok_or_else(|| {
        Failure::new(format!(
            "{} is no mapping; give the file that `redact --mapping` wrote",
            path.display()
        ))
    })
}

/// One stand-in of an answer of the service.
#[derive(Deserialize)]
struct Pair {
    placeholder: String,
    original: String,
}

/// The whole answer, or its list alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Given {
    List(Vec<Pair>),
    Answer { mapping: Vec<Pair> },
}

fn from_json(bytes: &[u8]) -> Option<Mapping> {
    let (Given::List(pairs) | Given::Answer { mapping: pairs }) =
        serde_json::from_slice(bytes).ok()?;
    Some(Mapping::from_pairs(
        pairs.into_iter().map(|p| (p.placeholder, Sensitive::new(p.original))),
    ))
}

/// Readable for the owner alone; whole or not at all. The file in between is new each time: one that is there already may be
/// readable for others, or be a link to somewhere else.
pub(super) fn save(path: &Path, mapping: &Mapping) -> Result<(), Failure> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", process::id()));
    let fresh = path.with_file_name(name);
    let written = write_private(&fresh, &mapping.encode());
    let saved = written.and_then(|()| fs::rename(&fresh, path));
    saved.map_err(|error| {
        // Half a mapping in clear is of no use to anybody. It may not be there at all.
        let _ = fs::remove_file(&fresh);
        unwritable(path, &error)
    })
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    // Renamed before it is on the disk, it could be found empty after a crash, in the place of the one before.
    file.sync_all()
}
