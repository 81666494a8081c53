//! What goes into an analyzer.

/// One text to scan, with the name of the field it came from.
///
/// The label gives context (`"ssn": "078051120"`), and is not itself scanned.
#[derive(Clone, Copy, Default)]
pub struct Text<'a> {
    /// The JSON key, form field or column in front of the text.
    pub label: Option<&'a str>,
    /// The text itself.
    pub text: &'a str,
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self { label: None, text }
    }
}

/// Tells lengths alone: the text may hold private data.
impl std::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Text(label {} bytes, text {} bytes)",
            self.label.map_or(0, str::len),
            self.text.len()
        )
    }
}
