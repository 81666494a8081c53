//! Invented prose, with values of several kinds in it: what benches of detection read.

pub(crate) const SENTENCES: &[&str] = &[
    "The harbour was quiet when the ferry came in, and nobody on the quay looked up from what they were doing. ",
    "In the second chapter the author explains why the older method gave wrong answers for small samples. ",
    "Please read the draft before our meeting and tell me which of the three proposals you like best. ",
    "After some 200 metres the path turns left, crosses a stream and climbs through birches to the ridge. ",
    "We changed the way the queue is drained, so a slow consumer no longer holds back all the others. ",
    "Half of the 48 participants had never used such a tool, yet most of them finished within 20 minutes. ",
];

pub(crate) const VALUES: &[&str] = &[
    "Write to ann.lee@example.org about it. ",
    "Call +1 541-555-0123 in the morning. ",
    "The card is 4111 1111 1111 1111, as before. ",
    "Her SSN is 514-69-0360 according to the form. ",
    "Pay to DE89 3704 0044 0532 0130 00 please. ",
    "The host is 203.0.113.7 in that network. ",
    "See https://example.com/a/b?c=d for more. ",
    "She was born on 1963-05-10 in the north. ",
];

/// About `len` bytes of prose, with one value per `gap` bytes if there is a gap.
pub(crate) fn text(len: usize, gap: Option<usize>) -> String {
    let mut text = String::with_capacity(len + 256);
    let mut sentences = SENTENCES.iter().cycle();
    let mut values = VALUES.iter().cycle();
    let mut next = gap;
    while text.len() < len {
        if next.is_some_and(|next| text.len() >= next) {
            text.push_str(values.next().unwrap_or(&""));
            next = next.zip(gap).map(|(next, gap)| next + gap);
        }
        text.push_str(sentences.next().unwrap_or(&""));
    }
    text
}
