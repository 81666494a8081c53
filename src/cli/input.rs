//! What a command works on: text, standard input, files, folder trees.

use super::{Failure, Io, setup::unreadable};
use crate::encoding::Encoding;
use std::{
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
};

/// What to read. `Debug` tells nothing of it: a text stands in it as it was typed.
#[derive(Clone, Default, clap::Args)]
pub(super) struct InputArgs {
    /// Files, folders, `-` for standard input, or text of several words; standard input when there is none.
    #[arg(value_name = "PATH|TEXT")]
    inputs: Vec<String>,
    /// Text, also of one word; may be repeated.
    #[arg(short, long, value_name = "TEXT")]
    text: Vec<String>,
    /// Leave out files and folders of this name; may be repeated. `.git` is always left out.
    #[arg(long, value_name = "NAME")]
    exclude: Vec<String>,
}

/// One thing to read. `Debug` tells its label.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Text of the command line, by its number.
    Text(usize, String),
    Stdin,
    /// A file, and its path below the folder that was given. One that was `named` is read, whatever it is.
    File {
        path: PathBuf,
        relative: PathBuf,
        named: bool,
    },
}

impl fmt::Debug for InputArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InputArgs(…)")
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())
    }
}

impl Source {
    /// How messages name it; text is not repeated.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Text(number, _) => format!("text{number}"),
            Self::Stdin => "-".to_owned(),
            Self::File { path, .. } => path.display().to_string(),
        }
    }

    /// Its text, and how that is written; `None` for a file in a folder that is no text.
    pub(super) fn read(&self, input: &mut dyn Read) -> Result<Option<(String, Encoding)>, Failure> {
        let bytes = match self {
            Self::Text(_, text) => return Ok(Some((text.clone(), Encoding::Utf8))),
            Self::Stdin => {
                let mut bytes = Vec::new();
                input.read_to_end(&mut bytes).map_err(|e| unreadable(Path::new("-"), &e))?;
                bytes
            }
            Self::File { path, .. } => fs::read(path).map_err(|e| unreadable(path, &e))?,
        };
        let has_zeros = bytes[..bytes.len().min(8192)].contains(&0);
        let (text, encoding) = Encoding::read(bytes);
        let is_utf_16 = matches!(encoding, Encoding::Utf16 { .. });
        let may_be_left_out = matches!(self, Self::File { named: false, .. });
        Ok((!may_be_left_out || !has_zeros || is_utf_16).then_some((text, encoding)))
    }
}

impl InputArgs {
    /// All there is to read, files of folders in order of path.
    pub(super) fn sources(&self) -> Result<Vec<Source>, Failure> {
        let mut sources = Vec::new();
        for input in &self.inputs {
            self.add(input, &mut sources)?;
        }
        for text in &self.text {
            sources.push(Source::Text(sources.len() + 1, text.clone()));
        }
        if sources.is_empty() && self.inputs.is_empty() {
            sources.push(Source::Stdin);
        }
        Ok(sources)
    }

    fn add(&self, input: &str, sources: &mut Vec<Source>) -> Result<(), Failure> {
        let path = Path::new(input);
        if input == "-" {
            sources.push(Source::Stdin);
        } else if path.is_dir() {
            self.walk(path, sources)?;
        } else if path.exists() {
            let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
            sources.push(Source::File { path: path.to_owned(), relative, named: true });
        } else if input.contains(char::is_whitespace) {
            sources.push(Source::Text(sources.len() + 1, input.to_owned()));
        } else {
            // One word may be a path with a slip in it: reporting it as clean text would be a lie.
            let problem = format!("there is no file {input}; give text of one word with --text");
            return Err(Failure::new(problem));
        }
        Ok(())
    }

    /// Symbolic links are not followed: what they lead to may lie outside of the tree, or in a circle.
    fn walk(&self, root: &Path, sources: &mut Vec<Source>) -> Result<(), Failure> {
        let mut folders = vec![root.to_owned()];
        let first = sources.len();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|e| unreadable(&folder, &e))? {
                let entry = entry.map_err(|e| unreadable(&folder, &e))?;
                let kind = entry.file_type().map_err(|e| unreadable(&entry.path(), &e))?;
                if self.leaves_out(&entry.file_name().to_string_lossy()) {
                    continue;
                } else if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    let path = entry.path();
                    let relative = path.strip_prefix(root).map(Path::to_owned).unwrap_or_default();
                    sources.push(Source::File { path, relative, named: false });
                }
            }
        }
        sources[first..].sort_by_key(Source::label);
        Ok(())
    }

    fn leaves_out(&self, name: &str) -> bool {
        name == ".git" || self.exclude.iter().any(|excluded| excluded == name)
    }
}

/// Reads all sources; those that are no text are named on standard error and left out.
pub(super) fn read_all(
    sources: &[Source],
    io: &mut Io<'_>,
) -> Result<Vec<(Source, String, Encoding)>, Failure> {
    let mut texts = Vec::with_capacity(sources.len());
    for source in sources {
        match source.read(&mut io.input)? {
            Some((text, encoding)) => texts.push((source.clone(), text, encoding)),
            None => writeln!(io.err, "{}: left out, it is no text", source.label())?,
        }
    }
    Ok(texts)
}
