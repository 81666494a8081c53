//! Characters that look like others, and those that show nothing.

/// What becomes of a character.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fold {
    Keep,
    Drop,
    To(char),
    /// A letter of another script that looks like this one of ours. Folded only where it does not stand in a text of that script.
    LookAlike(char),
}

impl Fold {
    pub(crate) fn of(c: char) -> Self {
        match c {
            '\0'..='\x7f' => Self::Keep,
            // Soft hyphens, joiners, strokes through characters, marks of direction, variation selectors, key caps.
            '\u{AD}'
            | '\u{334}'..='\u{338}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{20E3}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{E0000}'..='\u{E007F}' => Self::Drop,
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => {
                Self::To(' ')
            }
            '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => Self::To('-'),
            '\u{2018}' | '\u{2019}' => Self::To('\''),
            '\u{2024}' | '\u{FE52}' => Self::To('.'),
            '\u{FE6B}' => Self::To('@'),
            '\u{FF01}'..='\u{FF5E}' => Self::To(shifted(c, 0xFF01, '!')),
            '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{52F}' => look_alike(c),
            // Most letters: no digits of another script among them.
            '\u{80}'..='\u{65F}' | '\u{3001}'..='\u{FDFF}' => Self::Keep,
            '\u{2460}'..='\u{2468}' => Self::To(shifted(c, 0x2460, '1')),
            '\u{24B6}'..='\u{24CF}' => Self::To(shifted(c, 0x24B6, 'A')),
            '\u{24D0}'..='\u{24E9}' => Self::To(shifted(c, 0x24D0, 'a')),
            '\u{24EA}' => Self::To('0'),
            '\u{1D400}'..='\u{1D6A3}' => mathematical(c),
            _ => digit(c),
        }
    }
}

/// `c` in a row of characters that begins with `first` and stands for a row of ASCII from `ascii` on.
fn shifted(c: char, first: u32, ascii: char) -> char {
    char::from_u32(u32::from(c) - first + u32::from(ascii)).unwrap_or(c)
}

/// Alphabets of letters in bold, italic, script and so on: capitals, then small ones, thirteen times.
fn mathematical(c: char) -> Fold {
    let place = (u32::from(c) - 0x1D400) % 52;
    let first = if place < 26 { u32::from('A') } else { u32::from('a') - 26 };
    char::from_u32(first + place).map_or(Fold::Keep, Fold::To)
}

/// Greek and Cyrillic letters that cannot be told from Latin ones by sight.
fn look_alike(c: char) -> Fold {
    const PAIRS: (&str, &str) = (
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕЅІЈКМНОРСТУХаеосрухѕіјһԁԛԝ",
        "ABEZHIKMNOPTYXoABESIJKMHOPCTYXaeocpyxsijhdqw",
    );
    let place = PAIRS.0.chars().position(|alike| alike == c);
    place.and_then(|nth| PAIRS.1.chars().nth(nth)).map_or(Fold::Keep, Fold::LookAlike)
}

/// Decimal digits of other scripts stand in blocks of ten.
fn digit(c: char) -> Fold {
    const ZEROS: &[char] = &[
        '\u{660}',
        '\u{6F0}',
        '\u{7C0}',
        '\u{966}',
        '\u{9E6}',
        '\u{A66}',
        '\u{AE6}',
        '\u{B66}',
        '\u{BE6}',
        '\u{C66}',
        '\u{CE6}',
        '\u{D66}',
        '\u{E50}',
        '\u{ED0}',
        '\u{F20}',
        '\u{1040}',
        '\u{17E0}',
        '\u{1810}',
        '\u{1D7CE}',
        '\u{1D7D8}',
        '\u{1D7E2}',
        '\u{1D7EC}',
        '\u{1D7F6}',
    ];
    let value = ZEROS
        .iter()
        .find_map(|&zero| u32::from(c).checked_sub(u32::from(zero)).filter(|v| *v < 10));
    value.and_then(|v| char::from_digit(v, 10)).map_or(Fold::Keep, Fold::To)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_of_every_style_become_plain_ones() {
        let plain: String = "ｊ𝐚𝓷𝖊＠①②⓪Ⓐⓑ𝟡٣९"
            .chars()
            .map(|c| match Fold::of(c) {
                Fold::To(ascii) => ascii,
                Fold::Keep | Fold::Drop | Fold::LookAlike(_) => c,
            })
            .collect();
        assert_eq!(plain, "jane@120Ab939");
    }

    #[test]
    fn look_alikes_are_those_that_no_eye_tells_apart() {
        assert_eq!(Fold::of('а'), Fold::LookAlike('a'));
        assert_eq!(Fold::of('Χ'), Fold::LookAlike('X'));
        assert_eq!([Fold::of('Ж'), Fold::of('λ'), Fold::of('é')], [Fold::Keep; 3]);
    }
}
