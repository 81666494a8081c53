//! Names of people in Chinese, Japanese and Korean behind the word of a form for them: `姓名：王丽华`, `氏名 佐藤 花子`, `이름: 김서연`.

use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix},
};

pub(super) static CJK_NAME: Recognizer = Recognizer {
    name: "cjk_name",
    description: "names of people behind the words of forms for them, in Chinese, Japanese and Korean",
    patterns: &[Pattern::new(
        EntityType::PERSON,
        0.8,
        r"(?:姓名|氏名|お名前|이름|성명)(?: ?[:：=] ?| |\x{3000}|は|은 |는 |\t)[\x{3040}-\x{30FF}\x{4E00}-\x{9FFF}\x{AC00}-\x{D7A3}]",
    )
    .check(name)],
};

/// The most letters of a name.
const LONGEST: usize = 8;

/// What a form has beside the name, or in its place.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "电话", "手机", "地址", "性别", "年龄", "身份证", "必填", "不详", "未知", "电话号码", "手机号", "住所", "電話", "入力", "必須", "不明", "生年月日", "性別",
    "전화", "전화번호", "주소", "나이", "성별", "생년월일", "입력", "필수", "없음",
];

/// Two letters or more, in one word or in two, and nothing that goes on behind.
fn name(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - seen.text().chars().next_back()?.len_utf8();
    let rest = prefix(seen.all.get(start..)?, 4 * (LONGEST + 2));
    let is_letter = |c: char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '々');
    let word = |text: &'_ str| text.find(|c| !is_letter(c)).unwrap_or(text.len());
    let first = word(rest);
    let behind = rest.get(first..)?;
    // `佐藤 花子`, but `김서연 전화`.
    let second = behind.strip_prefix([' ', '\u{3000}', '・']).map_or(0, |next| {
        let len = word(next);
        let is_part = (1..=4).contains(&next.get(..len).unwrap_or_default().chars().count());
        let is_short = rest.get(..first).unwrap_or_default().chars().count() <= 3;
        let is_other = OTHERS.iter().any(|other| next.starts_with(other));
        let gap = behind.len() - next.len();
        if is_part && is_short && !is_other { gap + len } else { 0 }
    });
    let name = rest.get(..first + second)?;
    let letters = name.chars().filter(|c| is_letter(*c)).count();
    let is_other = OTHERS.iter().any(|other| name.starts_with(other));
    ((2..=LONGEST).contains(&letters) && !is_other)
        .then(|| seen.accept_span(start, start + name.len()))?
}
