//! How old somebody is. Ages over 89 are identifiers by HIPAA; younger ones are found with a score that only a policy of one's own asks for.

use crate::detect::{
    EntityType,
    groups::Groups,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, suffix},
};

pub(super) static AGE: Recognizer = Recognizer {
    name: "age",
    description: "ages over 89 in years (younger ones with a score of 0.3)",
    patterns: &[
        Pattern::new(
            EntityType::AGE,
            0.85,
            r"(?-u:\b)[0-9]{1,3}(?i-u:(?:[ -]years?[ -]olds?| ?(?:y/o|yo|y\.o\.?|yrs?\.?[ -]old)| years? of age| jahre alt| jahre|-j(?:ä|a)hrig[a-z]{0,2}| ans| a(?:ñ|n)os(?: de edad)?| anni| anos(?: de idade)?| jaar(?: oud)?))(?-u:\b)",
        )
        .check(years),
        Pattern::new(
            EntityType::AGE,
            0.85,
            r"(?i-u:\b(?:aged?|alter|edad|(?:â|a)ge|et(?:à|a)|idade|leeftijd|age ?/ ?sex|sex ?/ ?age:? ?[mf] ?/)(?: is| was| of|\\?[\x22'](?: ?:| ?=>)|:|=| :)? ?\\?[\x22']?)[0-9]{1,3}(?-u:\b)",
        )
        .check(named),
        // `Anna Miller (94 ans)`
        Pattern::new(EntityType::AGE, 0.8, r" \([0-9]{2,3} (?:ans|años|anni|anos|jaar|Jahre|years?|yrs?|J\.)\)").check(of_somebody),
        // `she's 94 and …`, `my dad is 90.`, `who turns 92 in May`
        Pattern::new(EntityType::AGE, 0.8, r"(?i-u:\b(?:s?he|who|mum|mom|dad|(?:grand)?(?:father|mother)|grand(?:ma|pa|dad)|gran(?:ny)?|nana?|aunt|uncle|husband|wife|neighbou?r|patient)(?:(?:'|’)s| is| was)(?: now| already| almost| nearly| only)? |\bturn(?:s|ed|ing) |\b(?:sie|er|oma|opa|vater|mutter|gro(?:ß|ss)(?:vater|mutter)|tante|onkel) (?:ist|war|wird|wurde) )[0-9]{2,3}(?-u:\b)").check(said),
        // `pt is a 98F`
        Pattern::new(EntityType::AGE, 0.8, r"(?i-u:\b(?:pt|patient)(?: is)?(?: an?)? )[0-9]{2,3} ?[FMfm](?-u:\b)").check(of_patient),
        // `my grandmother, 91, fell`
        Pattern::new(EntityType::AGE, 0.8, r"(?i-u:\b(?:(?:grand)?(?:father|mother)|grand(?:ma|pa|dad)|great-(?:aunt|uncle)|mum|mom|dad|widow(?:er)?|resident), )[0-9]{2,3},").check(beside),
    ],
};

/// `years` alone also tell how long something lasts: `100 years`, `dans 95 ans`.
fn years(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text().to_lowercase();
    let lasting =
        ["jahre", "ans", "anni", "jaar", "años", "anos"].iter().any(|w| text.ends_with(w));
    let old = text.contains("edad") || text.contains("idade");
    let of = ["de ", "age of ", "con ", "tiene ", "tem ", "ha ", "a ", "âgé de ", "âgée de "];
    let said = of.iter().any(|word| seen.left().to_lowercase().ends_with(word));
    let apart = seen.is_free_left("-./\\+$#:");
    (apart && (!lasting || old || said)).then(|| scored(seen, seen.accept()?))?
}

fn named(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().find(|c: char| c.is_ascii_digit())?;
    // `Age/Sex: 95/F`
    let joints = if seen.text().contains('/') { "-.\\+%:" } else { "-./\\+%:" };
    let apart = seen.is_free_right(joints) && !seen.left().ends_with(['_', '-', '.', '/']);
    apart.then(|| scored(seen, seen.accept_span(seen.start + number, seen.end)?))?
}

/// Ends what is said, or a sentence goes on behind it: what is counted, measured or scored stands right behind its number.
fn said(seen: &Seen<'_>) -> Option<Accepted> {
    #[rustfmt::skip]
    const GOING_ON: &[&str] = &[
        "and", "but", "by", "geworden", "in", "jahre", "last", "next", "now", "or", "since", "so", "soon", "still", "then", "this", "today", "tomorrow",
        "und", "when", "who", "with", "years", "yesterday",
    ];
    let number = seen.text().rfind(' ')? + 1;
    let behind = seen.right();
    let word = behind.strip_prefix(' ').unwrap_or_default();
    let word = word.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let goes_on = GOING_ON.contains(&word.to_lowercase().as_str());
    let ends = behind.is_empty() || behind.starts_with(['.', ',', ';', '!', '?', ')', '\n']);
    ((ends || goes_on) && seen.is_free_right("-./\\+%:,"))
        .then(|| scored(seen, seen.accept_span(seen.start + number, seen.end)?))?
}

/// In brackets behind a word with a capital, as newspapers and notes write it.
fn of_somebody(seen: &Seen<'_>) -> Option<Accepted> {
    let word = suffix(seen.all.get(..seen.start)?, 40);
    let word = word.rsplit(|c: char| c.is_whitespace() || c == '(').next()?;
    let start = seen.start + seen.text().find('(')? + 1;
    let len = seen.all.get(start..seen.end)?.bytes().take_while(u8::is_ascii_digit).count();
    word.starts_with(char::is_uppercase)
        .then(|| scored(seen, seen.accept_span(start, start + len)?))?
}

fn of_patient(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().find(|c: char| c.is_ascii_digit())?;
    let len = seen.text().get(number..)?.bytes().take_while(u8::is_ascii_digit).count();
    let start = seen.start + number;
    scored(seen, seen.accept_span(start, start + len)?)
}

fn beside(seen: &Seen<'_>) -> Option<Accepted> {
    let number = seen.text().find(|c: char| c.is_ascii_digit())?;
    (!seen.right().starts_with(|c: char| c.is_ascii_digit()))
        .then(|| scored(seen, seen.accept_span(seen.start + number, seen.end - 1)?))?
}

/// Nobody was ever older than 122.
fn scored(seen: &Seen<'_>, found: Accepted) -> Option<Accepted> {
    let years: u16 = Groups::of(seen.text()).get(0).parse().ok()?;
    match years {
        1..=89 => Some(found.with_score(0.3)),
        90..=125 => Some(found),
        _ => None,
    }
}
