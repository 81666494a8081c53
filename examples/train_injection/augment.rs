//! Other forms of a text: as attackers disguise it, and as it stands inside of other text.

use crate::random::Random;

/// The text as it is, or changed at random. `harmless` are texts that it may be put into.
pub(crate) fn varied(text: &str, attack: bool, harmless: &[String], random: &mut Random) -> String {
    let text = match random.below(100) {
        0..10 => text.to_lowercase(),
        10..13 => text.to_uppercase(),
        13..18 => slipped(text, random),
        18..21 => leet(text, random),
        21..23 if attack && text.len() < 200 => spaced(text),
        _ => text.to_owned(),
    };
    match random.below(100) {
        0..14 if attack => inside(&text, harmless, random),
        0..8 if !harmless.is_empty() => joined(&text, random.pick::<String>(harmless), random),
        8..16 if !harmless.is_empty() => page(harmless, random),
        _ => text,
    }
}

/// An attack before, behind or between harmless text.
fn inside(text: &str, harmless: &[String], random: &mut Random) -> String {
    if harmless.is_empty() {
        return text.to_owned();
    }
    let (one, other) =
        (random.pick::<String>(harmless).clone(), random.pick::<String>(harmless).clone());
    match random.below(3) {
        0 => joined(&one, text, random),
        1 => joined(text, &other, random),
        _ => joined(&joined(&one, text, random), &other, random),
    }
}

/// Many harmless texts one after another, as long as the longest attacks are.
fn page(harmless: &[String], random: &mut Random) -> String {
    let parts = 3 + random.below(20);
    let between = *random.pick(&["\n", " ", "\n\n"]);
    let parts: Vec<&str> = (0..parts).map(|_| random.pick::<String>(harmless).as_str()).collect();
    parts.join(between)
}

fn joined(one: &str, other: &str, random: &mut Random) -> String {
    let between = *random.pick(&["\n", "\n\n", " ", ". "]);
    format!("{one}{between}{other}")
}

/// With letters swapped or missing, as in haste.
fn slipped(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let slips = letters.len() / 60 + 1;
    for _ in 0..slips {
        let at = random.below(letters.len());
        let inner = at > 0 && at + 1 < letters.len();
        if inner && letters[at - 1].is_alphabetic() && letters[at].is_alphabetic() {
            if random.chance(0.5) {
                letters.swap(at - 1, at);
            } else {
                letters.remove(at);
            }
        }
    }
    letters.into_iter().collect()
}

/// With digits for letters.
fn leet(text: &str, random: &mut Random) -> String {
    let share = 0.3 + 0.1 * random.below(7) as f64;
    let mut digit = |c: char| {
        let digit = match c.to_ascii_lowercase() {
            'a' => '4',
            'e' => '3',
            'i' => '1',
            'o' => '0',
            's' => '5',
            't' => '7',
            _ => c,
        };
        if random.chance(share) { digit } else { c }
    };
    text.chars().map(&mut digit).collect()
}

/// With a space behind each letter.
fn spaced(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().map(String::from).collect::<Vec<_>>().join(" "))
        .collect();
    words.join("  ")
}
