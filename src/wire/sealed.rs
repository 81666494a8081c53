//! Which texts and data of a request are signed or encrypted by the provider. The name of a member says little: it counts in
//! blocks of the types that define it.

use super::place::Holds;
use crate::{
    json::{self, Kind, Step, Token},
    redact::Treatment,
};
use memchr::memmem::Finder;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

const CONTENT: &str = "content";
const DETAILS: &str = "reasoning_details";

/// Words without one of which a body holds no such blocks. Made once: to prepare a search takes longer than to search a short body.
static SIGNS_IN_CONTENT: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["signature", "redacted_thinking", "encrypted_"].map(Finder::new));
static SIGNS_IN_DETAILS: LazyLock<[Finder<'static>; 1]> =
    LazyLock::new(|| [DETAILS].map(Finder::new));

/// Blocks that hold something signed or encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    list: &'static str,
    types: BTreeMap<Block, Type>,
    signed: BTreeSet<Block>,
}

/// A block: the message, its place in that, and, if it is inside of another one, its place there.
type Block = (usize, usize, Inside);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Inside {
    No,
    Only,
    At(usize),
}

/// The types of blocks that define such members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Thinking,
    RedactedThinking,
    Compaction,
    /// What one of the provider's own tools has found or done.
    Result,
    /// A detail of the reasoning, as gateways add them to chat messages.
    Reasoning,
    /// None of them, or more than one.
    Other,
}

impl Type {
    fn of(list: &str, name: &str) -> Self {
        match name {
            _ if list == DETAILS => match name.starts_with("reasoning.") {
                true => Self::Reasoning,
                false => Self::Other,
            },
            "thinking" => Self::Thinking,
            "redacted_thinking" => Self::RedactedThinking,
            "compaction" => Self::Compaction,
            // Those are the caller's.
            "tool_result" | "search_result" => Self::Other,
            _ if name.ends_with("_result") => Self::Result,
            _ => Self::Other,
        }
    }

    fn defines(self, member: &str) -> bool {
        match member {
            _ if self == Self::Reasoning => true,
            "signature" => matches!(self, Self::Thinking | Self::Compaction),
            "data" => self == Self::RedactedThinking,
            _ => matches!(self, Self::Compaction | Self::Result),
        }
    }

    /// The member that its signature is for.
    fn signed_member(self) -> Option<&'static str> {
        match self {
            Self::Thinking => Some("thinking"),
            Self::Compaction => Some("content"),
            Self::RedactedThinking | Self::Result | Self::Reasoning | Self::Other => None,
        }
    }
}

impl Sealed {
    /// Looks for such blocks in the content of Anthropic's messages.
    pub(super) fn in_content(body: &[u8]) -> Self {
        Self::read(body, CONTENT, &*SIGNS_IN_CONTENT)
    }

    /// Looks for such details of the reasoning in the messages of a chat.
    pub(super) fn in_details(body: &[u8]) -> Self {
        Self::read(body, DETAILS, &*SIGNS_IN_DETAILS)
    }

    /// Blocks of a list in a message. Without one of the `signs` a body holds none.
    fn read(body: &[u8], list: &'static str, signs: &[Finder<'_>]) -> Self {
        let is_there = |sign: &Finder<'_>| sign.find(body).is_some();
        let mut sealed = Self { list, ..Self::default() };
        if !signs.iter().any(is_there) {
            return sealed;
        }
        let walked = json::walk(body, json::MAX_DEPTH, &mut |path, token| {
            let Some((block, member)) = member(path, list).filter(|_| token.kind() == Kind::String)
            else {
                return;
            };
            match member {
                "type" => sealed.add(block, Type::of(list, &token.decode())),
                "signature" if looks_signed(token) => {
                    sealed.signed.insert(block);
                }
                _ => {}
            }
        });
        if walked.is_ok() { sealed } else { Self::default() }
    }

    fn add(&mut self, block: Block, found: Type) {
        let known = self.types.entry(block).or_insert(found);
        if *known != found {
            *known = Type::Other;
        }
    }

    /// How to treat the string at `path`, if that depends on the block.
    pub fn treatment(&self, path: &[Step<'_>]) -> Option<Treatment> {
        let (block, member) = member(path, self.list)?;
        let of = self.types.get(&block).copied().unwrap_or(Type::Other);
        if is_sealed(member) {
            return (!of.defines(member)).then_some(Treatment::Guard);
        }
        let is_signed = of.signed_member() == Some(member)
            && block.2 == Inside::No
            && self.signed.contains(&block);
        is_signed.then_some(Treatment::Signed)
    }
}

/// True for the name of a member that holds such, in some blocks.
pub(super) fn is_sealed(member: &str) -> bool {
    matches!(member, "signature" | "data" | "encrypted_content" | "encrypted_stdout")
}

fn looks_signed(token: &Token<'_>) -> bool {
    Holds::Opaque.treatment(token) == Treatment::Leave
}

/// The block that a member at `path` belongs to, and its name.
fn member<'p>(path: &'p [Step<'_>], list: &str) -> Option<(Block, &'p str)> {
    let [Step::Key(messages), Step::Index(message), Step::Key(content), Step::Index(at), rest @ ..] =
        path
    else {
        return None;
    };
    if messages != "messages" || content != list {
        return None;
    }
    let (inside, name) = match rest {
        [Step::Key(name)] => (Inside::No, name),
        [Step::Key(content), Step::Key(name)] if content == "content" => (Inside::Only, name),
        [Step::Key(content), Step::Index(at), Step::Key(name)] if content == "content" => {
            (Inside::At(*at), name)
        }
        _ => return None,
    };
    Some(((*message, *at, inside), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNATURE: &str = "EqQBCkYIARgCKkDn0abc";

    /// The strings of the blocks of a message that are treated so, but for words.
    fn treated(blocks: &str, treatment: Treatment) -> Vec<String> {
        let body = format!(r#"{{"messages":[{{"role":"assistant","content":[{blocks}]}}]}}"#)
            .replace("SIGNATURE", SIGNATURE);
        let sealed = Sealed::in_content(body.as_bytes());
        let mut found = Vec::new();
        json::walk(body.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
            if token.kind() == Kind::String && sealed.treatment(path) == Some(treatment) {
                found.push(token.raw().to_owned());
            }
        })
        .unwrap();
        found
    }

    #[test]
    fn only_blocks_with_a_signature_are_signed() {
        let blocks = r#"{"type":"thinking","thinking":"a","signature":"SIGNATURE"},
            {"signature":"SIGNATURE","thinking":"b","type":"thinking"},
            {"type":"thinking","thinking":"c","signature":""},
            {"type":"thinking","thinking":"d"},
            {"type":"text","text":"e","signature":"SIGNATURE"},
            {"type":"thinking","thinking":"f","signature":"call Ann at 555-0100"},
            {"type":"compaction","content":"g","signature":"SIGNATURE"},
            {"type":"text","type":"thinking","thinking":"h","signature":"SIGNATURE"}"#;
        assert_eq!(treated(blocks, Treatment::Signed), ["a", "b", "g"]);
    }

    #[test]
    fn details_of_the_reasoning_hold_such_only_under_their_types() {
        let body = r#"{"messages":[{"reasoning_details":[{"type":"reasoning.encrypted","data":"1"},
            {"signature":"2","type":"reasoning.text"},{"data":"3"},{"type":"text","signature":"4"},{"id":"5"}]}]}"#;
        let sealed = Sealed::in_details(body.as_bytes());
        let mut guarded = Vec::new();
        json::walk(body.as_bytes(), json::MAX_DEPTH, &mut |path, token| {
            if sealed.treatment(path) == Some(Treatment::Guard) && token.kind() == Kind::String {
                guarded.push(token.raw().to_owned());
            }
        })
        .unwrap();
        assert_eq!(guarded, ["3", "4"]);
    }

    #[test]
    fn what_seems_signed_or_encrypted_is_guarded_in_blocks_that_do_not_define_it() {
        let blocks = r#"{"type":"thinking","signature":"0","data":"1"},
            {"type":"redacted_thinking","data":"2","signature":"3"},
            {"type":"text","data":"4","signature":"5","encrypted_content":"6"},
            {"type":"tool_result","data":"7","content":[{"type":"text","data":"8","encrypted_stdout":"9"}]},
            {"type":"web_search_tool_result","content":[{"type":"web_search_result","encrypted_content":"10"}]},
            {"type":"x","content":{"type":"encrypted_code_execution_result","encrypted_stdout":"11","data":"12"}},
            {"data":"13"}"#;
        let guarded = ["1", "3", "4", "5", "6", "7", "8", "9", "12", "13"];
        assert_eq!(treated(blocks, Treatment::Guard), guarded);
    }
}
