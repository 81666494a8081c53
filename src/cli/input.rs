//! What a command works on: text, standard input, files, folder trees.

use super::{Failure, Io, setup::unreadable};
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
    /// A file, and its path below the folder that was given.
    File {
        path: PathBuf,
        relative: PathBuf,
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

    /// Its text; `None` for a file that is no text. UTF-16 is told by its byte order mark; bytes that are not
    /// UTF-8 are read as U+FFFD.
    pub(super) fn read(&self, input: &mut dyn Read) -> Result<Option<String>, Failure> {
        let bytes = match self {
            Self::Text(_, text) => return Ok(Some(text.clone())),
            Self::Stdin => {
                let mut bytes = Vec::new();
                input.read_to_end(&mut bytes).map_err(|e| unreadable(Path::new("-"), &e))?;
                bytes
            }
            Self::File { path, .. } => fs::read(path).map_err(|e| unreadable(path, &e))?,
        };
        if let Some(text) = utf_16(&bytes) {
            return Ok(Some(text));
        }
        let head = &bytes[..bytes.len().min(8192)];
        let binary = matches!(self, Self::File { .. }) && head.contains(&0);
        Ok((!binary).then(|| into_text(bytes)))
    }
}

/// Text that says by its byte order mark that it is UTF-16, as editors and tools on Windows write it.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    Some(String::from_utf16_lossy(&units))
}

fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
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
            sources.push(Source::File { path: path.to_owned(), relative });
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
                    sources.push(Source::File { path, relative });
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
) -> Result<Vec<(Source, String)>, Failure> {
    let mut texts = Vec::with_capacity(sources.len());
    for source in sources {
        match source.read(&mut io.input)? {
            Some(text) => texts.push((source.clone(), text)),
            None => writeln!(io.err, "{}: left out, it is no text", source.label())?,
        }
    }
    Ok(texts)
}
