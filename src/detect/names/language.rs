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
    match word {
        _ if word.len() > LONGEST => &[],
        "the" | "and" | "of" | "to" | "is" | "that" | "for" | "it" | "you" | "with" | "this"
        | "are" | "on" | "my" | "have" | "not" | "your" => &[English],
        "der" | "und" | "das" | "ist" | "nicht" | "ein" | "eine" | "ich" | "mit" | "für"
        | "auf" | "wir" | "sie" | "dem" | "von" | "zu" | "im" | "bei" | "nach" | "wurde"
        | "den" => &[German],
        "die" => &[German],
        "het" | "een" | "niet" | "van" | "ik" | "voor" | "zijn" | "dat" | "naar" | "aan"
        | "wij" | "mijn" | "ook" => &[Dutch],
        "les" | "est" | "dans" | "pour" | "vous" | "une" | "qui" | "pas" | "au" | "je" | "sur"
        | "du" | "avec" | "il" | "et" | "des" | "nous" | "mon" => &[French],
        "le" => &[French, Italian],
        "un" => &[French, Spanish, Italian],
        "el" | "los" | "y" | "las" | "por" | "del" | "con" | "su" | "para" | "es" | "lo" | "mi"
        | "se" | "al" => &[Spanish],
        "la" => &[Spanish, French, Italian],
        "que" => &[Spanish, French, Portuguese],
        "de" => &[Spanish, French, Portuguese, Dutch],
        "en" => &[Spanish, Dutch, French],
        "da" | "do" | "não" | "um" | "uma" | "os" | "em" | "com" | "dos" | "na" | "no" | "ao"
        | "pelo" | "eu" | "meu" | "são" | "o" => &[Portuguese],
        "di" | "che" | "per" | "della" | "sono" | "gli" | "non" | "nel" | "alla" | "è" | "mio"
        | "dei" | "una" | "ho" | "ha" => &[Italian],
        _ => &[],
    }
}
