//! Published examples and invented valid numbers, each with a neighbour that must be refused.

use super::*;
use crate::detect::seen::Digits;

#[track_caller]
fn check_digits(name: &str, valid: fn(&[u8]) -> bool, good: &[&str]) {
    for number in good {
        let digits = Digits::of(number);
        assert!(valid(&digits), "{name}: {number}");
        let mut other = digits.to_vec();
        let last = other.len() - 1;
        other[last] = (other[last] + 1) % 10;
        assert!(!valid(&other), "{name}: {number} with another last digit");
        assert!(!valid(&[&digits[..], &[0, 0, 0, 0]].concat()), "{name}: {number} and more");
    }
    assert!(!valid(&[]), "{name}: nothing");
    let _ = valid(&[9; 64]);
}

#[test]
fn digits_are_checked() {
    type Row<'t> = (&'t str, fn(&[u8]) -> bool, &'t [&'t str]);
    let table: &[Row<'_>] = &[
        ("ae_id", ae_id, &["784198012345678"]),
        ("ar_cuit", ar_cuit, &["20123456786"]),
        ("at_svnr", at_svnr, &["1237010180"]),
        ("au_abn", au_abn, &["51824753556"]),
        ("au_acn", au_acn, &["004085616"]),
        ("au_tfn", au_tfn, &["123456782"]),
        ("be_nrn", be_nrn, &["85073003328"]),
        ("bg_egn", bg_egn, &["7523169263"]),
        ("br_cpf", br_cpf, &["11144477735"]),
        ("br_cnpj", br_cnpj, &["11222333000181"]),
        ("ca_sin", ca_sin, &["130692544"]),
        ("ch_ahv", ch_ahv, &["7569217076985"]),
        ("cz_birth_number", cz_birth_number, &["7103192745"]),
        ("de_tax_id", de_tax_id, &["86095742719", "47036892816"]),
        ("ee_lt_code", ee_lt_code, &["37605030299"]),
        ("fr_spi", fr_spi, &["3023217600053"]),
        ("gr_afm", gr_afm, &["094259216"]),
        ("hr_oib", hr_oib, &["69435151530"]),
        ("in_aadhaar", in_aadhaar, &["234123412346"]),
        ("jmbg", jmbg, &["0101006500006"]),
        ("jp_my_number", jp_my_number, &["123456789018"]),
        ("nl_bsn", nl_bsn, &["111222333"]),
        ("nz_ird", nz_ird, &["49091850", "136410132"]),
        ("pl_nip", pl_nip, &["1234563218"]),
        ("pl_pesel", pl_pesel, &["44051401359"]),
        ("pt_nif", pt_nif, &["123456789"]),
        ("ro_cnp", ro_cnp, &["1800101221144"]),
        ("ru_inn", ru_inn, &["7830002293", "500100732259"]),
        ("ru_snils", ru_snils, &["11223344595"]),
        ("se_pnr", se_pnr, &["8112189876"]),
        ("tr_kimlik", tr_kimlik, &["10000000146"]),
        ("za_id", za_id, &["8001015009087"]),
    ];
    for (name, valid, good) in table {
        check_digits(name, *valid, good);
    }
}

#[track_caller]
fn check_text(name: &str, valid: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(valid(text), "{name}: {text}");
    }
    for text in
        bad.iter().chain(&["", "é", "12ü", "ZZZZZZZZZZZZZZZZZZZZ", "9999999999999999999999999"])
    {
        assert!(!valid(text), "{name}: {text}");
    }
}

#[test]
fn letters_and_digits_are_checked() {
    check_text("cl_rut", cl_rut, &["12.345.678-5", "11111111-1"], &["12.345.678-6"]);
    check_text("cn_resident", cn_resident, &["11010519491231002X"], &["110105194912310021"]);
    check_text("de_pension", de_pension, &["15070649C103"], &["15070649C104"]);
    check_text("es_nif", es_nif, &["12345678Z", "X1234567L", "12345678-z"], &["12345678A"]);
    check_text("fi_hetu", fi_hetu, &["131052-308T"], &["131052-308U", "131352-308T"]);
    check_text("fr_nir", fr_nir, &["2 55 08 14 168 025 38"], &["2 55 08 14 168 025 39"]);
    check_text("hk_id", hk_id, &["A123456(3)"], &["A123456(4)"]);
    check_text("icao", icao, &["T220001293"], &["T220001294"]);
    check_text("ie_pps", ie_pps, &["1234567T", "1234567FA"], &["1234567U"]);
    check_text("it_fiscal_code", it_fiscal_code, &["RSSMRA85T10A562S"], &["RSSMRA85T10A562T"]);
    check_text("mx_curp", mx_curp, &["BOXW310820HNERXN09"], &["BOXW310820HNERXN08"]);
    check_text("pt_citizen_card", pt_citizen_card, &["000000000ZZ4"], &["000000000ZZ5"]);
    check_text("sg_nric", sg_nric, &["S1234567D", "F1234567N", "G1234567X"], &["S1234567A"]);
    check_text("tw_id", tw_id, &["A123456789"], &["A123456788"]);
}
