//! A cheap guess at the language of a text, by its function words.

/// Languages told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Language {
    /// English, or too short to tell.
    #[default]
    English,
    /// German: nouns are capitalised.
    German,
    /// Dutch.
    Dutch,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Italian.
    Italian,
}

const COUNT: usize = 7;
/// Words looked at: more would not change the guess.
const ENOUGH: u32 = 60;
/// Bytes of the longest function word.
const LONGEST: usize = 5;

/// Guesses from the words given.
pub fn guess<'t>(words: impl Iterator<Item = &'t str>) -> Language {
    let mut seen = [0_u32; COUNT];
    let mut total = 0;
    for word in words {
        for &language in languages_of(word) {
            seen[language as usize] += 1;
            total += 1;
        }
        if total > ENOUGH {
            break;
        }
    }
    let best = ALL
        .into_iter()
        .max_by_key(|&l| (seen[l as usize], l == Language::English))
        .unwrap_or_default();
    if seen[best as usize] >= 2 { best } else { Language::English }
}

const ALL: [Language; COUNT] = [
    Language::English,
    Language::German,
    Language::Dutch,
    Language::French,
    Language::Spanish,
    Language::Portuguese,
    Language::Italian,
];

fn languages_of(word: &str) -> &'static [Language] {
    use Language::{Dutch, English, French, German, Italian, Portuguese, Spanish};
    // As bytes, so that they are told apart byte by byte and not compared one after another.
    match word.as_bytes() {
        _ if word.len() > LONGEST => &[],
        b"the" | b"and" | b"of" | b"to" | b"is" | b"that" | b"for" | b"it" | b"you" | b"with"
        | b"this" | b"are" | b"on" | b"my" | b"have" | b"not" | b"your" => &[English],
        b"der" | b"und" | b"das" | b"ist" | b"nicht" | b"ein" | b"eine" | b"ich" | b"mit"
        | b"f\xc3\xbcr" | b"auf" | b"wir" | b"sie" | b"dem" | b"von" | b"zu" | b"im" | b"bei"
        | b"nach" | b"wurde" | b"den" => &[German],
        b"die" => &[German],
        b"het" | b"een" | b"niet" | b"van" | b"ik" | b"voor" | b"zijn" | b"dat" | b"naar"
        | b"aan" | b"wij" | b"mijn" | b"ook" => &[Dutch],
        b"les" | b"est" | b"dans" | b"pour" | b"vous" | b"une" | b"qui" | b"pas" | b"au"
        | b"je" | b"sur" | b"du" | b"avec" | b"il" | b"et" | b"des" | b"nous" | b"mon" => &[French],
        b"le" => &[French, Italian],
        b"un" => &[French, Spanish, Italian],
        b"el" | b"los" | b"y" | b"las" | b"por" | b"del" | b"con" | b"su" | b"para" | b"es"
        | b"lo" | b"mi" | b"se" | b"al" => &[Spanish],
        b"la" => &[Spanish, French, Italian],
        b"que" => &[Spanish, French, Portuguese],
        b"de" => &[Spanish, French, Portuguese, Dutch],
        b"en" => &[Spanish, Dutch, French],
        b"da" | b"do" | b"n\xc3\xa3o" | b"um" | b"uma" | b"os" | b"em" | b"com" | b"dos"
        | b"na" | b"no" | b"ao" | b"pelo" | b"eu" | b"meu" | b"s\xc3\xa3o" | b"o" => &[Portuguese],
        b"di" | b"che" | b"per" | b"della" | b"sono" | b"gli" | b"non" | b"nel" | b"alla"
        | b"\xc3\xa8" | b"mio" | b"dei" | b"una" | b"ho" | b"ha" => &[Italian],
        _ => &[],
    }
}
