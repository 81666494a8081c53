//! Context words that several families share.

/// Words near a payment card number.
#[rustfmt::skip]
pub(super) const CARD: &[&str] = &[
    "amex", "american express", "card", "cards", "card no", "cc", "ccn", "credit", "creditcard", "debit",
    "diners", "discover", "jcb", "karte", "kartennummer", "kreditkarte", "maestro", "mastercard", "pan",
    "payment card", "tarjeta", "carte", "cartão", "visa",
];

/// Words near a social security number.
#[rustfmt::skip]
pub(super) const SSN: &[&str] = &[
    "social", "soc sec", "social security", "ssn", "ssns", "ss no", "ss number", "s s n", "ssid", "sss",
];

/// Words near a birth date.
#[rustfmt::skip]
pub(super) const BIRTH: &[&str] = &[
    "birth", "birthdate", "birthday", "bday", "b day", "birthdays", "born", "d o b", "date of birth", "dob",
    "geb", "geboren", "geburtsdatum", "geburtstag", "né", "née", "naissance", "nacimiento", "nacido", "nacida",
    "nació", "nascimento", "nascido", "nascida", "nato", "nata", "nascita", "geboortedatum", "ur", "生日", "出生",
];
