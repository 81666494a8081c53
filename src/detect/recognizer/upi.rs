//! Addresses of India's Unified Payments Interface: `asha.k@okicici`, `9876543210@ybl`. Money is sent to them as to an account.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{REACH, Seen, suffix},
};

/// Words beside an address whose handle is short, or called like other things.
const WORDS: &[&str] = &["bhim", "gpay", "google pay", "paytm", "phonepe", "upi", "vpa"];

/// A match begins with the mark, so that no other word is looked at.
pub(super) static UPI: Recognizer = Recognizer {
    name: "upi",
    description: "payment addresses of India's UPI, by the handles that its registry (NPCI) gave to banks and apps",
    patterns: &[
        Pattern::new(
            EntityType::US_BANK_NUMBER,
            0.85,
            r"@(?:ok(?:hdfcbank|icici|sbi|axis|bizaxis)|ybl|ibl|axl|apl|yapl|rapl|ptyes|ptsbi|pthdfc|ptaxis|paytm|hdfcbank|hdfcbankjd|axisbank|axisb|yesbank|yesbankltd|yesg|yespay|idfcbank|idfcfirst|idfcnetc|barodampay|cnrb|kotak|unionbankofindia|unionbank|uboi|cboi|mahb|indianbank|indusind|freecharge|jupiteraxis|naviaxis|superyes|tapicici|timecosmos|wa(?:icici|hdfcbank|axis|sbi)|abfspay|airtelpaymentsbank|kaypay|fbpe|aubank|equitas|dlb|kvb|rmhdfcbank|goaxb|shriramhdfcbank|yescred|yescurie|icicipay|sbipay|myicici|pingpay|trans|postbank)(?-u:\b)",
        )
        .check(address),
        Pattern::new(
            EntityType::US_BANK_NUMBER,
            0.2,
            r"@(?:upi|sbi|icici|boi|iob|pnb|hsbc|dbs|rbl|csb|sc|citi|federal|fbl|indus|airtel|jio|fam|slice|ikwik|amazonpay|mbk|ezeepay|obc|sib|psb|ucobank|allbank|axis)(?-u:\b)",
        )
        .check(address)
        .context(0.85, WORDS),
    ],
};

/// The name in front of the handle, and no domain or path behind it.
fn address(seen: &Seen<'_>) -> Option<Accepted> {
    let left = suffix(seen.all.get(..seen.start)?, REACH);
    let len =
        left.bytes().rev().take_while(|b| b.is_ascii_alphanumeric() || b".-_".contains(b)).count();
    let name = left.get(left.len() - len..)?.trim_start_matches(['.', '-', '_']);
    let whole = name.len() >= 2 && len < REACH && !name.ends_with(['.', '-', '_']);
    let start = seen.start - name.len();
    let before = seen.all.get(..start)?.chars().next_back();
    let apart = before.is_none_or(|c| !(c.is_alphanumeric() || "/@+%".contains(c)));
    // A full stop may end the sentence; a letter behind it is a domain's.
    let mut behind = seen.all.get(seen.end..)?.chars();
    let ends = match behind.next() {
        Some('.') => !behind.next().is_some_and(char::is_alphanumeric),
        Some('-' | '_' | '@' | '/' | '(' | ':') => false,
        Some(_) | None => true,
    };
    (whole && apart && ends).then(|| seen.accept_span(start, seen.end))?
}
