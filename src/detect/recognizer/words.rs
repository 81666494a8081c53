//! Words that several families share: near a value, or where one would stand.

/// Words near a payment card number.
#[rustfmt::skip]
pub(super) const CARD: &[&str] = &[
    "amex", "american express", "card", "cards", "card no", "cc", "ccn", "credit", "creditcard", "debit",
    "diners", "discover", "jcb", "karte", "kartennummer", "kreditkarte", "maestro", "mastercard", "pan",
    "payment card", "tarjeta", "carte", "cartão", "visa", "bancomat", "bankkarte", "betaalkaart", "carta di credito",
    "cartao", "elo", "hipercard", "karta", "kartennr", "kort", "kortnummer", "kortti", "rupay", "unionpay", "银联", "卡号",
    "銀聯", "カード番号", "카드번호", "карта", "карты",
];

/// Words near what is said of a card besides its number.
#[rustfmt::skip]
pub(super) const CARD_NEAR: &[&str] = &[
    "amex", "card", "card no", "carte", "cartão", "credit card", "cvc", "cvv", "debit card", "digits on the back", "karte",
    "kreditkarte", "mastercard", "security code", "tarjeta", "visa",
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
    "geb", "gebdat", "geboren", "geburtsdatum", "geburtstag", "né", "née", "née le", "ne le", "nee le", "ddn", "naissance",
    "f nac", "f nacimiento", "fec nac", "fecha nac", "nacimiento", "nacido", "nacida", "nació", "nasc",
    "nascimento", "nascido", "nascida", "nato", "nata", "nascita", "geboortedatum", "geb datum", "ur", "urodzenia",
    "urodzony", "urodzona", "född", "född den", "födelsedatum", "fødd", "født", "fødselsdato", "fødselsdag", "syntynyt",
    "syntymäaika", "narozen", "narozena", "narození", "nar", "született", "születési", "născut", "născută", "nașterii",
    "doğum", "doğumlu", "рожд", "рождения", "родился", "родилась", "г р", "народження", "γεννήθηκε", "γέννησης", "生日",
    "出生", "生年月日", "생년월일", "ngày sinh", "tanggal lahir", "تاريخ الميلاد", "מולד", "जन्म",
];

/// How names of standards begin, which have capitals and digits as the numbers of things do: `ISO8859P1`, `X509V3CA2`.
#[rustfmt::skip]
const STANDARDS: &[&str] = &[
    "AES1", "AES2", "ASCII", "BASE64", "ED25519", "H264", "H265", "HEVC", "HMAC", "HTTP", "IEC6", "IEEE", "IPV4", "IPV6", "ISO", "MP3", "MP4", "MPEG",
    "OAUTH", "OPENID", "PKCS", "RFC", "RSA1", "RSA2", "RSA4", "SAML", "SHA1", "SHA2", "SHA3", "SHA5", "SSLV", "TLSV", "UTF16", "UTF32", "UTF8", "X509",
];

/// True for the name of a standard with a version.
pub(super) fn is_standard(value: &str) -> bool {
    STANDARDS.iter().any(|standard| {
        value.get(..standard.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(standard))
    })
}
