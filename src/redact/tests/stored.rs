//! The kept form of a mapping.

use super::*;

fn sample() -> Mapping {
    let mut mapping = Mapping::new();
    let operators = Operators::new()
        .with(entity("URL"), Operator::Surrogate)
        .with(entity("A"), Operator::Encrypt);
    redact_all(
        &["[PERSON_1] «PERSON:Bo» «URL:https://firm.example» «A:xyz» «PERSON:Zoë\n»"],
        &operators,
        &mut mapping,
    );
    mapping
}

#[test]
fn a_mapping_goes_on_where_it_was_kept() {
    let kept = Mapping::decode(&sample().encode()).expect("decodes");
    assert_eq!(kept.pairs(), sample().pairs());
    assert_eq!(kept.encode(), sample().encode());
    for mut mapping in [kept, sample()] {
        let texts =
            redact_all(&["«PERSON:Al» «PERSON:Bo» «PERSON:Di»"], &Operators::new(), &mut mapping);
        assert_eq!(texts, ["[PERSON_4] [PERSON_2] [PERSON_5]"]);
    }
}

#[test]
fn long_values_and_many_of_them_are_kept_whole() {
    let mut mapping = Mapping::new();
    let values = (100..500).map(|length| format!("«PERSON:{}»", "é".repeat(length)));
    redact_all(&[&values.collect::<String>()], &Operators::new(), &mut mapping);
    mapping.reserve_literals(&(0..300).map(|n| format!("[OTHER_{n}] ")).collect::<String>());
    let kept = Mapping::decode(&mapping.encode()).expect("decodes");
    assert_eq!(kept.len(), 400);
    assert_eq!(kept.pairs(), mapping.pairs());
    assert_eq!(kept.encode(), mapping.encode());
}

#[test]
fn an_entry_of_a_family_that_is_not_there_is_refused() {
    let family = [1, b'f', 0];
    let entry = |family| [&[1, b's', family, 1, b'A', 1, b'o'][..], &[0]].concat();
    let bytes = |family_of_entry| [&[1, 1][..], &family, &[1], &entry(family_of_entry)].concat();
    assert_eq!(Mapping::decode(&bytes(0)).expect("decodes").len(), 1);
    assert_eq!(Mapping::decode(&bytes(1)).expect_err("no such family"), DecodeError::Damaged);
}

#[test]
fn reserved_literals_stay_reserved() {
    let mut mapping = Mapping::new();
    mapping.reserve_literals("[PERSON_2] PERSON_3");
    let mut mapping = Mapping::decode(&mapping.encode()).expect("decodes");
    let texts = redact_all(&["«PERSON:a1» «PERSON:b1»"], &Operators::new(), &mut mapping);
    assert_eq!(texts, ["[PERSON_1] [PERSON_4]"]);
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let mut above = sample();
    above.number_above(500_000);
    for bytes in [sample().encode(), above.encode()] {
        for length in 0..bytes.len() {
            assert!(Mapping::decode(&bytes[..length]).is_err(), "cut to {length}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Mapping::decode(&longer).expect_err("left over"), DecodeError::Damaged);
    }
    assert_eq!(Mapping::decode(&[3, 0, 0, 0]).expect_err("version"), DecodeError::Version);
}

#[test]
fn huge_counts_are_refused_without_memory() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    assert!(Mapping::decode(&[&[1][..], &huge].concat()).is_err());
    assert!(Mapping::decode(&[&[1, 1][..], &huge].concat()).is_err());
    assert!(
        Mapping::decode(&[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err()
    );
}

#[test]
fn pairs_lead_back_to_the_same_restoring() {
    let (redacted, mapping) = redact("«PERSON:Bo» «PERSON:Al»");
    let given = Mapping::from_pairs(mapping.pairs());
    assert_eq!(given.restorer().restore(&redacted, Context::Prose), "Bo Al");
}
