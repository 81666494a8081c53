//! The built-in families, one file each.
//!
//! To add one: a file with `pub(super) static FAMILY: Recognizer`, and a line here. What patterns may look like is told in
//! [`pattern`](super::pattern).

use super::pattern::Recognizer;

mod bank;
mod card;
mod crypto;
mod date;
mod document;
mod email;
mod health;
mod network;
mod phone;
mod secrets;
mod url;
mod us;
mod words;

/// All built-in recognizers.
pub(crate) static ALL: &[&Recognizer] = &[
    &email::EMAIL,
    &card::CARD,
    &us::US,
    &bank::BANK,
    &health::HEALTH,
    &document::DOCUMENT,
    &network::NETWORK,
    &phone::PHONE,
    &crypto::CRYPTO,
    &url::URL,
    &date::DATES,
    &secrets::SECRETS,
];
