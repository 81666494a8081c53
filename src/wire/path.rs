//! Paths of URLs, as readers on the way may take them.

use crate::percent;

/// True when some reader might take the path for another one: `.` and `..` segments, also percent-encoded, once or twice, and with
/// parameters (`..;a=b`).
pub(crate) fn climbs(path: &str) -> bool {
    if !path.contains(['.', '%']) {
        return false;
    }
    let once = percent::decoded(path.as_bytes());
    let twice = percent::decoded(&once);
    [path.as_bytes(), &once, &twice].into_iter().any(|path| {
        path.split(|byte| matches!(byte, b'/' | b'\\')).any(|segment| {
            let name = segment.split(|byte| *byte == b';').next().unwrap_or_default();
            matches!(name.trim_ascii(), b"." | b"..")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_climb_by_segments_of_dots_however_they_are_spelled() {
        for (path, expected) in [
            ("/v1/models/gpt-4.1", false),
            ("/v1/models/gpt-4.1%2Bx;y=..", false),
            ("/v1/..a/b..", false),
            ("/v1/../x", true),
            ("/v1/.", true),
            ("/v1/%2E%2e/x", true),
            ("/v1/%252e%252e/x", true),
            ("/v1/..%2fx", true),
            ("/v1/..;a=b/x", true),
            ("/v1/%20../x", true),
            ("/v1\\..\\x", true),
        ] {
            assert_eq!(climbs(path), expected, "{path}");
        }
    }
}
