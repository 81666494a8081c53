//! People whom messages of machines and forms name by their place.

use crate::detect::{Analyzer, EntityType, Score, Selection, Text};
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(Vec::new()).unwrap());

/// The people that are found in `text` by one of these recognizers.
fn people(text: &str, recognizer: &str) -> Vec<String> {
    let selection = Selection::of([(EntityType::PERSON, Score::new(0.5))]);
    let found = ANALYZER.analyze(&[Text::from(text)], &selection);
    let own = found[0].iter().filter(|f| f.recognizer.as_ref() == recognizer);
    own.map(|f| f.span.slice(text).to_owned()).collect()
}

#[test]
fn customers_of_payments_stand_below_their_account() {
    let message = ":50K:/88204417\nOYSTER BERNARD\n4 KAY STREET\n:57A:CHASUS33\n:59:/4418820937\r\n1/GARFIELD SIMONE\n:70:RENT";
    assert_eq!(people(message, "payment"), ["OYSTER BERNARD", "GARFIELD SIMONE"]);
    assert_eq!(people("the fields :50K: and :59: name parties", "payment"), [""; 0]);
}

#[test]
fn members_of_insurers_are_people_and_providers_may_be_companies() {
    let claim = "NM1*IL*1*WHITLOCK*PRESTON*J***MI*W448120937~NM1*85*2*ACORN CLINIC*****XX*12~";
    assert_eq!(people(claim, "x12"), ["WHITLOCK*PRESTON*J"]);
}

#[test]
fn kin_stand_beside_the_patient() {
    let message =
        "PID|1||4418^^^H^MR||PENNING^HAROLD||19530203|M\nNK1|1|PENNING^ROSA|SPO|9 ELM ROAD^^LEEDS";
    assert_eq!(people(message, "hl7"), ["PENNING^HAROLD", "PENNING^ROSA"]);
}

#[test]
fn travel_documents_are_filled_up_behind_the_name() {
    let passport = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    assert_eq!(people(passport, "document"), ["ERIKSSON<<ANNA<MARIA"]);
    let card = "7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    assert_eq!(people(card, "document"), ["ERIKSSON<<ANNA<MARIA"]);
    assert_eq!(people("let x: P<UTOERIKSSON> = A<B<<C;", "document"), [""; 0]);
}

#[test]
fn forms_name_people_in_chinese_japanese_and_korean() {
    let form = "姓名：王丽华，手机 123; 氏名 佐藤 花子 電話; 이름: 김서연, 전화 없음";
    assert_eq!(people(form, "cjk_name"), ["王丽华", "佐藤 花子", "김서연"]);
    assert_eq!(people("姓名 必填, 이름 전화, 氏名は入力, 姓名：\n手机：", "cjk_name"), [""; 0]);
}
