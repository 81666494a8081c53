//! What is wrong with a policy file, and where.

use std::fmt;

/// A place in a policy file, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line.
    pub line: u64,
    /// The column, in characters.
    pub column: u64,
}

/// One fault of a policy file.
///
/// Echoes keys and keywords of the file, never the words of an allow or deny list: those may be private themselves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// The file, as it was named on loading.
    pub file: String,
    /// Where in it, unless the fault concerns the file as a whole.
    pub place: Option<Place>,
    /// The field at fault, such as `entities.EMAIL_ADDRESS.operator`; empty for the whole file.
    pub field: String,
    /// What was found and what is expected.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// The faults of one file, gathered so that all are reported at once.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    file: &'a str,
    found: Vec<Error>,
}

impl<'a> Faults<'a> {
    pub(super) fn of(file: &'a str) -> Self {
        Self { file, found: Vec::new() }
    }

    pub(super) fn add(
        &mut self,
        place: Option<Place>,
        field: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.found.push(Error {
            file: self.file.to_owned(),
            place,
            field: field.to_owned(),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    pub(super) fn into_vec(self) -> Vec<Error> {
        self.found
    }
}

/// The last line of the deepest cause: what is wrong, without the drawing that a parser makes of a pattern.
pub(super) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    text.lines().next_back().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

/// `did you mean …?` for a word close to a known one, else the list of all known ones.
pub(super) fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    nearest(word, known.iter().copied())
        .unwrap_or_else(|| format!("use one of {}", known.join(", ")))
}

/// `did you mean …?` for a word close to a known one.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let word = word.to_ascii_lowercase();
    let known = known.into_iter().filter(|k| word.len() <= k.len() + 2);
    let (steps, name) =
        known.map(|k| (strsim::levenshtein(&word, &k.to_ascii_lowercase()), k)).min()?;
    (steps <= 2 && steps < name.chars().count()).then(|| format!("did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_recognised_and_a_stranger_gets_the_list() {
        assert_eq!(suggest("operatr", ["operator", "action"]), "did you mean `operator`?");
        assert_eq!(suggest("colour", ["operator", "action"]), "use one of operator, action");
    }

    #[test]
    fn an_error_reads_as_one_line_with_its_place() {
        let mut faults = Faults::of("team.yaml");
        faults.add(
            Some(Place { line: 3, column: 5 }),
            "defaults",
            "found a list",
            "write a mapping",
        );
        faults.add(None, "", "the file is empty", "give it a name");
        let lines: Vec<String> = faults.into_vec().iter().map(ToString::to_string).collect();
        assert_eq!(lines[0], "team.yaml:3:5: defaults: found a list; write a mapping");
        assert_eq!(lines[1], "team.yaml: the file is empty; give it a name");
    }
}
