//! Northern, central and eastern Europe.

use super::{all_alike, at, day_month, is_day, mod11_10, month_day, number, weighted, whole};
use crate::detect::{checksum::luhn, seen::Digits};

/// Bulgaria, EGN: weights 2 4 8 5 10 9 7 3 6, modulo 11, modulo 10.
pub(crate) fn bg_egn(d: &[u8]) -> bool {
    let sum = weighted(d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    // 20 is added to the month for births before 1900, 40 from 2000 on.
    let month = number(d, 2, 4) % 20;
    d.len() == 10 && is_day(month, number(d, 4, 6)) && sum % 11 % 10 == at(d, 9)
}

/// Czechia and Slovakia, rodné číslo: ten digits are a multiple of eleven (or leave ten, with 0 as last digit).
pub(crate) fn cz_birth_number(d: &[u8]) -> bool {
    // 50 is added to the month for women, and 20 where the day's numbers ran out.
    let month = number(d, 2, 4) % 50 % 20;
    let n = whole(d);
    let checked = n.is_multiple_of(11) || (n / 10 % 11 == 10 && n.is_multiple_of(10));
    d.len() == 10 && is_day(month, number(d, 4, 6)) && checked
}

/// Denmark, CPR: a day; the check digit is no longer given to all.
pub(crate) fn dk_cpr(d: &[u8]) -> bool {
    d.len() == 10 && day_month(d, 0)
}

/// Estonia and Lithuania: weights 1 … 9 1, then 3 … 9 1 2 3, modulo 11.
pub(crate) fn ee_lt_code(d: &[u8]) -> bool {
    let first = weighted(d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(d, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    let check = if first == 10 { second } else { first };
    d.len() == 11 && (1..=6).contains(&at(d, 0)) && month_day(d, 3) && check == at(d, 10)
}

/// Finland, henkilötunnus: day, month, year and individual number modulo 31 choose the last character.
pub(crate) fn fi_hetu(text: &str) -> bool {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(date), Some(serial), Some(check)) =
        (text.get(..6), text.get(7..10), text.as_bytes().get(10))
    else {
        return false;
    };
    let number: Option<usize> = format!("{date}{serial}").parse().ok();
    let digits = Digits::of(date);
    day_month(&digits, 0) && number.is_some_and(|n| LETTERS[n % 31] == check.to_ascii_uppercase())
}

/// Greece, AMKA: a day, and Luhn.
pub(crate) fn gr_amka(d: &[u8]) -> bool {
    d.len() == 11 && day_month(d, 0) && luhn(d)
}

/// Greece, AFM: powers of two from 256 down, modulo 11, modulo 10.
pub(crate) fn gr_afm(d: &[u8]) -> bool {
    let sum = weighted(d, &[256, 128, 64, 32, 16, 8, 4, 2]);
    d.len() == 9 && !all_alike(d) && sum % 11 % 10 == at(d, 8)
}

/// Croatia, OIB: MOD 11,10.
pub(crate) fn hr_oib(d: &[u8]) -> bool {
    d.len() == 11 && mod11_10(d)
}

/// Hungary, TAJ: weights 3 and 7 in turn, modulo 10.
pub(crate) fn hu_taj(d: &[u8]) -> bool {
    let sum = weighted(d, &[3, 7, 3, 7, 3, 7, 3, 7]);
    d.len() == 9 && !all_alike(d) && sum % 10 == at(d, 8)
}

/// Norway, fødselsnummer: two check digits modulo 11. D-numbers have 40 added to the day.
pub(crate) fn no_fnr(d: &[u8]) -> bool {
    let first = (11 - weighted(d, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11;
    let second = (11 - weighted(d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    d.len() == 11
        && is_day(number(d, 2, 4), number(d, 0, 2) % 40)
        && first == at(d, 9)
        && second == at(d, 10)
}

/// Poland, PESEL: weights 1 3 7 9 …, the check digit fills up to ten. The century is in the month.
pub(crate) fn pl_pesel(d: &[u8]) -> bool {
    let sum = weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    let month = number(d, 2, 4) % 20;
    d.len() == 11 && is_day(month, number(d, 4, 6)) && (10 - sum % 10) % 10 == at(d, 10)
}

/// Poland, NIP: weights 6 5 7 2 3 4 5 6 7, modulo 11.
pub(crate) fn pl_nip(d: &[u8]) -> bool {
    let sum = weighted(d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
    d.len() == 10 && !all_alike(d) && sum % 11 == at(d, 9)
}

/// Romania, CNP: weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, where ten counts as one.
pub(crate) fn ro_cnp(d: &[u8]) -> bool {
    let rest = weighted(d, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    d.len() == 13 && (1..=8).contains(&at(d, 0)) && month_day(d, 3) && check == at(d, 12)
}

/// Former Yugoslavia, JMBG: weights 7 6 5 4 3 2 twice, modulo 11.
pub(crate) fn jmbg(d: &[u8]) -> bool {
    let sum = weighted(d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    d.len() == 13 && day_month(d, 0) && matches!(at(d, 4), 0 | 9) && check == at(d, 12)
}

/// Russia, SNILS: weights 9 to 1, modulo 101, where 100 counts as 0.
pub(crate) fn ru_snils(d: &[u8]) -> bool {
    let sum = weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    d.len() == 11 && sum % 101 % 100 == number(d, 9, 11)
}

/// Russia, INN: ten digits for firms with one check digit, twelve for people with two.
pub(crate) fn ru_inn(d: &[u8]) -> bool {
    let check = |weights: &[u32]| weighted(d, weights) % 11 % 10;
    match d.len() {
        10 => check(&[2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 9),
        12 => {
            check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 10)
                && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) == at(d, 11)
        }
        _ => false,
    }
}

/// Sweden, personnummer: Luhn over the last ten digits. Coordination numbers have 60 added to the day.
pub(crate) fn se_pnr(d: &[u8]) -> bool {
    let Some(short) = d.len().checked_sub(10).and_then(|from| d.get(from..)) else { return false };
    let century = matches!(d.len(), 10) || (d.len() == 12 && matches!(number(d, 0, 2), 18..=20));
    century && is_day(number(short, 2, 4), number(short, 4, 6) % 60) && luhn(short)
}

/// Ukraine, taxpayer number: weights -1 5 7 9 4 6 10 5 7, modulo 11, modulo 10.
pub(crate) fn ua_tax(d: &[u8]) -> bool {
    // Ten is -1 modulo 11.
    let sum = weighted(d, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    d.len() == 10 && !all_alike(d) && sum % 11 % 10 == at(d, 9)
}
