//! Offsets of what is found in disguise are those of the text as it came.

use super::*;
use crate::{
    base64,
    detect::{Analyzer, Finding, Score, Selection, Text},
};
use proptest::prelude::*;
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(Vec::new()).unwrap());

fn findings(text: &str) -> Vec<Finding> {
    let types = [
        EntityType::EMAIL_ADDRESS,
        EntityType::CREDIT_CARD,
        EntityType::US_SSN,
        EntityType::IBAN_CODE,
        EntityType::PHONE_NUMBER,
    ];
    let selection = Selection::of(types.map(|t| (t, Score::new(0.5))));
    ANALYZER.analyze(&[Text::from(text)], &selection).remove(0)
}

/// Values with their types, and words that are part of none.
const VALUES: [(&str, &str); 5] = [
    ("jane.doe@example.org", "EMAIL_ADDRESS"),
    ("4111-1111-1111-1111", "CREDIT_CARD"),
    ("514-69-0360", "US_SSN"),
    ("DE89370400440532013000", "IBAN_CODE"),
    ("+1-541-555-0123", "PHONE_NUMBER"),
];

/// Writes each character the way `how` says.
fn disguised(value: &str, how: usize) -> String {
    let each = |write: fn(char) -> String| value.chars().map(write).collect::<String>();
    match how {
        0 => each(|c| format!("%{:02X}", u32::from(c))),
        1 => each(|c| format!("%25{:02x}", u32::from(c))),
        2 => each(|c| format!("&#{};", u32::from(c))),
        3 => each(|c| format!("&#x{:X};", u32::from(c))),
        4 => each(|c| format!("\\u{:04x}", u32::from(c))),
        5 => each(|c| format!("\\x{:02x}", u32::from(c))),
        6 => each(|c| format!("{c} ")).trim_end().to_owned(),
        7 => each(|c| format!("{c}\u{ad}")),
        8 => each(|c| format!("\u{200b}{c}")),
        9 => each(|c| char::from_u32(u32::from(c) - 0x20 + 0xFF00).unwrap().to_string()),
        10 => each(|c| format!("{:02x}", u32::from(c))),
        11 => value.replace('-', "-<wbr>").replace('.', "</i>.<b>").replace("04", "0**4**"),
        12 => value.replace('-', "\\-").replace('@', "\\@").replace('.', "\\."),
        _ => value.to_owned(),
    }
}

const WAYS: usize = 14;

fn search(text: &str, values: impl FnMut(&str, &mut Vec<Candidate>), out: &mut Vec<Candidate>) {
    find(text, std::iter::empty(), Searches { values, names: |_: &str, _: &mut Vec<_>| {} }, out);
}

#[test]
fn every_value_is_found_in_every_disguise() {
    for (value, entity_type) in VALUES {
        for how in 0..WAYS {
            let inner = disguised(value, how);
            let text = format!("é ok: {inner}, bye");
            let found = findings(&text);
            let [finding] = found.as_slice() else {
                panic!("{text:?}: {found:?}");
            };
            assert_eq!(finding.entity_type.as_str(), entity_type, "{text:?}");
            let got = finding.span.slice(&text);
            let hidden = |c: char| c == '\u{ad}' || c == '\u{200b}';
            assert_eq!(got.trim_matches(hidden), inner.trim_matches(hidden), "{text:?}");
        }
    }
}

#[test]
fn values_are_found_with_markup_inside() {
    for (text, value) in [
        ("mail ann.smith@<b>example.org</b> now", "ann.smith@<b>example.org"),
        ("mail <mark>ann</mark>.smith@example.org.", "ann</mark>.smith@example.org"),
        ("mail ann.smith<wbr>@example.org", "ann.smith<wbr>@example.org"),
        ("mail ann.smith<!-- x -->@example.org", "ann.smith<!-- x -->@example.org"),
        (
            "SSN <span class=\"a\">536</span>-<span>90</span>-<span>4399</span>",
            "536</span>-<span>90</span>-<span>4399",
        ),
        ("SSN <b>536</b>-90-4399", "536</b>-90-4399"),
        ("SSN: 536-**90**-4399", "536-**90**-4399"),
        ("pay with 4111 **1111** 1111 1111 please", "4111 **1111** 1111 1111"),
        ("pay with **4111** 1111 1111 1111 please", "4111** 1111 1111 1111"),
        ("<p><b>4111</b> <i>1111</i> 1111 <u>1111</u></p>", "4111</b> <i>1111</i> 1111 <u>1111"),
        ("IBAN DE89 3704 0044 <em>0532</em> 0130 00", "DE89 3704 0044 <em>0532</em> 0130 00"),
        ("call +1 415 <b>555</b> 0132 today", "+1 415 <b>555</b> 0132"),
        ("IBAN GB82 <i>WEST</i> 1234 5698 7654 32", "GB82 <i>WEST</i> 1234 5698 7654 32"),
        ("mail an[b]n[/b]@example.org now", "an[b]n[/b]@example.org"),
        ("mail [b]ann[/b]@example.org now", "ann[/b]@example.org"),
        ("pay 4111 [b]1111[/b] 1111 1111", "4111 [b]1111[/b] 1111 1111"),
        ("pay 4111[color=red]1111[/color]11111111", "4111[color=red]1111[/color]11111111"),
        ("mail \\textbf{ann}@example.org now", "ann}@example.org"),
        ("mail an\\emph{n}@example.org now", "an\\emph{n}@example.org"),
        ("pay 4111 \\textbf{1111} 1111 1111", "4111 \\textbf{1111} 1111 1111"),
        ("mail `ann`@example.org now", "ann`@example.org"),
    ] {
        let found = findings(text);
        let found: Vec<_> = found.iter().map(|it| it.span.slice(text)).collect();
        assert_eq!(found, [value], "{text}");
    }
}

#[test]
fn what_stands_in_elements_beside_one_another_is_not_taken_for_one_value() {
    for (text, values) in [
        (
            "<a>ann@example.org</a><a>bob@example.com</a>",
            &["ann@example.org", "bob@example.com"][..],
        ),
        ("<b>ann@example.org</b>Next", &["ann@example.org"]),
        ("<b>ann@example.org</b>.", &["ann@example.org"]),
        ("[b]ann@example.org[/b]Next", &["ann@example.org"]),
        ("\\textbf{ann@example.org}Next", &["ann@example.org"]),
        ("`ann@example.org``bob@example.com`", &["ann@example.org", "bob@example.com"]),
        ("<b>ann@mail.example</b>.org", &["ann@mail.example</b>.org"]),
        ("<td>4111 1111</td><td>1111 1111</td>", &[]),
        ("<li>4111 1111<br>1111 1111", &[]),
        ("<span>10</span><span>415</span><span>555</span><span>2671</span>", &[]),
    ] {
        let found = findings(text);
        let found: Vec<_> = found.iter().map(|it| it.span.slice(text)).collect();
        assert_eq!(found, values, "{text}");
    }
}

/// What an old program has written, or one that cuts at so many bytes, is as readable to a model as UTF-8.
#[test]
fn text_in_base64_is_read_whatever_its_encoding() {
    let text = "Jürgen Müller;jane.doe@example.org;14.02.";
    let latin_1 = text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<_>>();
    let utf_16 = |bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let cut = [text.as_bytes(), &"ü".as_bytes()[..1]].concat();
    let one_less = utf_16(u16::to_le_bytes, "").len() - 1;
    for bytes in [
        text.as_bytes(),
        &latin_1,
        &utf_16(u16::to_le_bytes, ""),
        &utf_16(u16::to_be_bytes, ""),
        &utf_16(u16::to_le_bytes, "\u{feff}"),
        &utf_16(u16::to_be_bytes, "\u{feff}"),
        &utf_16(u16::to_le_bytes, "")[..one_less],
        &cut,
        b"mail jane.doe@example.org \xff",
        b"\0mail jane.doe@example.org",
        b"\0jane.doe@example.org\0hK7wRt5Lm9xQ4711",
        b"quoted \x93jane.doe@example.org\x94 for you",
    ] {
        let mut base64 = String::new();
        base64::Spelling::of("-").write(bytes, &mut base64);
        let hexadecimal = bytes.iter().map(|b| format!("{b:02x}")).collect();
        for word in [base64, hexadecimal] {
            let text = format!("decode {word} now");
            let found = findings(&text);
            let [finding] = found.as_slice() else { panic!("{bytes:?}: {found:?}") };
            assert_eq!(finding.entity_type, EntityType::EMAIL_ADDRESS);
            assert_eq!(finding.span.slice(&text), word, "{bytes:?}");
        }
    }
}

/// Digests, tokens and names in programs are many, and searching each would take time.
#[test]
fn few_words_that_hold_no_text_are_searched() {
    let digests = (0..2_000_u32).map(|nth| blake3::hash(&nth.to_le_bytes()));
    let mut text = String::new();
    for digest in digests {
        for length in [12, 20, 32] {
            base64::Spelling::FOR_URLS.write(&digest.as_bytes()[..length], &mut text);
            text.push(' ');
            text.extend(digest.as_bytes()[..length].iter().map(|b| format!("{b:02x}")));
            text.push('\n');
        }
    }
    let mut searched = 0;
    search(&text, |_, _| searched += 1, &mut Vec::new());
    assert!(searched < 100, "{searched} of 12,000");
}

#[test]
fn a_text_that_needs_no_second_look_gets_none() {
    let text = "Prose with 12 numbers, a % sign & an ampersand.\nAnd 3 lines \\ with a_long_name_in_it\n4 of them.";
    let mut looks = 0;
    search(text, |_, _| looks += 1, &mut Vec::new());
    assert_eq!(looks, 0);
}

/// Counted, not timed: what is searched again is no more than the text itself for each kind of disguise.
#[test]
fn hostile_texts_are_searched_a_bounded_number_of_times() {
    for piece in [
        "%40",
        "&#64;",
        "\\u0040",
        "=40a",
        "a=1+1",
        "a=+1+",
        "1 ",
        "1  ",
        "a ",
        "1 2\n",
        "1-\n",
        "1<b>",
        "1<b>1</b> ",
        "1[b]",
        "1[/b",
        "1\\a{",
        "\\a{1}",
        "1`",
        "1**",
        "<!--",
        "1<b ",
        "1<!-- -->",
        "QUFBQUFBQUFBQUFB",
        "61",
        "%",
        "&",
        "\\",
        " ",
        "one ",
        "double one, dash ",
        "double ",
    ] {
        let text = piece.repeat(20_000 / piece.len());
        let mut searched = 0;
        search(&text, |part, _| searched += part.len(), &mut Vec::new());
        assert!(searched <= 4 * text.len(), "{piece:?}: {searched} of {}", text.len());
    }
}

#[test]
fn long_marks_hide_no_beginning_of_a_value() {
    let text = "<p>j<b>a</span><span class=\"n\">ne<!-- x -->.doe@example.org</p>";
    let found = findings(text);
    let found: Vec<&str> = found.iter().map(|it| it.span.slice(text)).collect();
    assert_eq!(found, [&text[3..text.len() - 4]]);
}

proptest! {
    #[test]
    fn candidates_of_any_text_lie_on_its_characters(text in "[%&;#x0-9a-f\\\\un@. \n=é<>/*!-]{0,80}") {
        let whole = |part: &str, out: &mut Vec<Candidate>| {
            let mut ends = part.char_indices().map(|(at, _)| at).chain([part.len()]);
            let start = ends.next().unwrap_or_default();
            out.extend(ends.map(|end| Candidate {
                entity_type: EntityType::CREDIT_CARD,
                start,
                end,
                score: Score::MAX,
                recognizer: "test".into(),
                of_model: false,
            }));
        };
        let mut out = Vec::new();
        search(&text, whole, &mut out);
        for candidate in out {
            prop_assert!(text.get(candidate.start..candidate.end).is_some(), "{candidate:?}");
        }
    }

    #[test]
    fn a_value_is_found_whole_wherever_marks_stand_in_it(
        nth in 0..VALUES.len(),
        marks in proptest::collection::vec((1_usize..40, 0_usize..7), 0..4),
    ) {
        const MARKS: [&str; 7] = [
            "<b>", "</b>", "<wbr>", "<!-- x -->", "</span><span class=\"n\">", "<EM\nid=1>", "**",
        ];
        let (value, entity_type) = VALUES[nth];
        let mut inner = value.to_owned();
        // What stands behind an address that seems whole is taken for the next word.
        let last = value.rfind('.').unwrap_or(value.len() - 1);
        let mut marks: Vec<(usize, usize)> =
            marks.into_iter().map(|(at, mark)| (at % last + 1, mark)).collect();
        marks.sort_unstable();
        marks.dedup_by_key(|(at, _)| *at);
        for &(at, mark) in marks.iter().rev() {
            inner.insert_str(at, MARKS[mark]);
        }
        let text = format!("ok: <p>{inner}</p>, bye");
        let found = findings(&text);
        let found: Vec<_> =
            found.iter().map(|it| (it.entity_type.as_str(), it.span.slice(&text))).collect();
        prop_assert_eq!(found, [(entity_type, inner.as_str())]);
    }

    #[test]
    fn a_disguised_value_is_found_where_it_stands(
        left in "[a-z ]{0,40}", right in "[a-z ]{0,40}", nth in 0..VALUES.len(), how in 0..WAYS
    ) {
        let inner = disguised(VALUES[nth].0, how);
        let text = format!("{left} (\n{inner}) {right}");
        let place = text.find(&inner).unwrap();
        let found = findings(&text);
        prop_assert!(
            found.iter().any(|f| f.span.start() <= place + 3 && f.span.end() >= place + inner.len() - 3),
            "{text:?}: {found:?}"
        );
    }
}

#[test]
fn an_address_whose_domain_has_become_a_link_is_found() {
    for (text, expected) in [
        ("eve@[example.org](http://example.org) wrote", Some("eve@[example.org")),
        ("<eve.x@[mail.example.org](https://mail.example.org)>", Some("eve.x@[mail.example.org")),
        ("eve@[example.org] wrote", Some("eve@[example.org")),
        ("[a-z]+@[a-z]+[.]com", None),
        ("see @[eve](http://example.org), a@[b]", None),
    ] {
        let found = findings(text);
        let found = found.iter().find(|it| it.entity_type == EntityType::EMAIL_ADDRESS);
        assert_eq!(found.map(|it| it.span.slice(text)), expected, "{text}");
    }
}
