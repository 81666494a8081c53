//! Addresses whose domain has become a link, as editors and converters to Markdown make of it by themselves:
//! `ann@[example.org](http://example.org)`.

use super::Edit;
use memchr::memmem;

/// The brackets that open a link behind an `@`.
pub(super) fn each_edit(text: &str, visit: &mut dyn FnMut(Edit)) {
    for at in memmem::find_iter(text.as_bytes(), b"@[") {
        let behind = text.as_bytes().get(at + 2);
        let before = text.as_bytes()[..at].last();
        if behind.is_some_and(u8::is_ascii_alphanumeric)
            && before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(byte))
        {
            visit(Edit { start: at + 1, end: at + 2, with: None });
        }
    }
}
