//! Where the texts of a command go: to standard output, or to copies of files.

use super::{Failure, Io, input::Source};
use crate::encoding::Encoding;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

/// To a copy below `folder` if the source is a file and there is such a folder; else to standard output, text of the
/// command line with a line break behind it. Written as the source is.
pub(super) fn write_text(
    folder: Option<&Path>,
    source: &Source,
    (text, encoding): (&str, Encoding),
    io: &mut Io<'_>,
) -> Result<(), Failure> {
    match (source, folder) {
        (Source::File { relative, .. }, Some(folder)) => {
            write_copy(&folder.join(relative), &encoding.write(text))
        }
        (Source::Text(..), _) => Ok(writeln!(io.out, "{text}")?),
        (Source::Stdin | Source::File { .. }, _) => Ok(io.out.write_all(&encoding.write(text))?),
    }
}

/// Never onto a file that is there: it may be the original.
fn write_copy(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let created = path.parent().map_or(Ok(()), fs::create_dir_all);
    let file = created.and_then(|()| OpenOptions::new().write(true).create_new(true).open(path));
    file.and_then(|mut file| file.write_all(bytes)).map_err(|e| unwritable(path, &e))
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write {}: {error}", path.display()))
}
