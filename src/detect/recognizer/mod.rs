//! The built-in families, one file each.
//!
//! To add one: a file with `pub(super) static FAMILY: Recognizer`, and a line here. What patterns may look like is told in
//! [`pattern`](super::pattern).

use super::pattern::Recognizer;
use std::sync::LazyLock;

mod account;
mod address;
mod age;
mod bank;
mod card;
mod cjk_name;
mod crypto;
mod date;
mod device;
mod document;
mod dump;
mod email;
mod health;
mod hl7;
mod listing;
mod login;
mod misread;
mod national;
mod network;
mod payment;
mod phone;
mod pin;
mod plate;
pub(super) mod secrets;
mod upi;
mod url;
mod us;
mod username;
mod words;
mod x12;

/// All built-in recognizers.
pub(crate) static ALL: LazyLock<Vec<&'static Recognizer>> = LazyLock::new(|| {
    OWN.iter().chain(secrets::ALL).chain(national::ALL.iter().copied().flatten()).copied().collect()
});

/// Those of one recognizer per file.
static OWN: &[&Recognizer] = &[
    &email::EMAIL,
    &card::CARD,
    &misread::MISREAD,
    &us::US,
    &bank::BANK,
    &health::HEALTH,
    &hl7::HL7,
    &x12::X12,
    &payment::PAYMENT,
    &upi::UPI,
    &document::DOCUMENT,
    &network::NETWORK,
    &phone::PHONE,
    &crypto::CRYPTO,
    &url::URL,
    &date::DATES,
    &address::ADDRESS,
    &username::USERNAME,
    &listing::LISTING,
    &login::LOGIN,
    &plate::PLATE,
    &account::ACCOUNT,
    &pin::PIN,
    &device::DEVICE,
    &age::AGE,
    &cjk_name::CJK_NAME,
];

#[cfg(test)]
mod tests;
