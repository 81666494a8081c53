//! Phrases that speak for themselves, whatever stands around them.
//!
//! They find an attack in one line of a long document, and say why: certainty by wording, where the classifier has probability. All are
//! bounded, so that matching is linear.

use regex_automata::{Input, meta::Regex, util::syntax};
use std::sync::LazyLock;

/// A phrase: its pattern, without regard to upper and lower case, and how telling it is.
struct Rule {
    pattern: &'static str,
    score: f32,
}

const fn rule(score: f32, pattern: &'static str) -> Rule {
    Rule { pattern, score }
}

/// `\s` stands for white space of any length up to three.
static RULES: &[Rule] = &[
    // Instruction override.
    rule(
        0.9,
        r"\b(?:ignore|disregard|forget|override|bypass|overrule|discard|neglect)(?:\s(?:all|any|every|each))?(?:\sof)?(?:\s(?:the|your|my|our|these|those|its))?(?:\s(?:previous|prior|above|earlier|preceding|foregoing|former|initial|original|existing|system|developer|safety)){1,2}(?:\sand\s\w{1,12})?\s(?:instructions?|prompts?|directions?|directives?|commands|orders|rules|guidelines|guardrails|constraints|restrictions|programming)\b",
    ),
    rule(
        0.9,
        r"\b(?:ignore|disregard|forget)\s(?:all|everything|anything)(?:\s(?:that|you))?(?:\swas|\swere|\shave\sbeen)?\s(?:said|told|instructed|written|given)\s(?:before|above|earlier|previously|so\sfar)\b",
    ),
    rule(
        0.85,
        r"\b(?:ignore|disregard|forget)\s(?:the|all|everything)\sabove\s(?:and|then|instead)\b",
    ),
    rule(
        0.85,
        r"\b(?:ignore|disregard|forget|override|delete)\s(?:all\s)?(?:of\s)?your\s(?:\w{1,12}\s)?(?:instructions|programming|guidelines|directives|restrictions|training|safety\srules|system\sprompt)\b",
    ),
    rule(
        0.85,
        r"\byour\s(?:new|real|actual|true|updated)\s(?:instructions?|orders|directives?|task)\s(?:is|are)\b",
    ),
    // The same in other languages.
    rule(
        0.9,
        r"\b(?:ignorieren\ssie|ignorieren|ignoriere|vergessen\ssie|vergiss|missachte|missachten\ssie)\s(?:bitte\s)?(?:alle|die|deine|ihre|sämtliche)\s(?:(?:vorherigen|bisherigen|früheren|obigen|vorangegangenen|ursprünglichen)\s)(?:anweisungen|instruktionen|befehle|anordnungen|regeln|angaben|aufgaben)",
    ),
    rule(
        0.9,
        r"\b(?:ignorez|ignore|oubliez|oublie)\s(?:toutes\s)?(?:les|tes|vos)\s(?:instructions|consignes|règles|directives)\s(?:précédentes|antérieures|ci-dessus|initiales)",
    ),
    rule(
        0.9,
        r"\b(?:ignora|ignore|olvida|olvide|omite|descarta)\s(?:todas\s)?(?:las|tus|sus)\s(?:(?:anteriores|previas)\s)?(?:instrucciones|órdenes|reglas|indicaciones)(?:\s(?:anteriores|previas|de\sarriba))",
    ),
    rule(
        0.9,
        r"\b(?:ignora|ignorate|dimentica|dimenticate)\s(?:tutte\s)?(?:le|tue)\s(?:(?:precedenti)\s)?(?:istruzioni|regole|indicazioni)(?:\s(?:precedenti|sopra|iniziali))?",
    ),
    rule(
        0.9,
        r"\b(?:ignore|ignora|esqueça|desconsidere)\s(?:todas\s)?(?:as|suas)\s(?:instruções|regras|ordens)\s(?:anteriores|acima|prévias)",
    ),
    rule(
        0.9,
        r"\b(?:negeer|vergeet)\s(?:alle\s)?(?:vorige|eerdere|bovenstaande|voorgaande)\s(?:instructies|opdrachten|regels)",
    ),
    rule(
        0.9,
        r"(?:игнорируй|игнорируйте|забудь|забудьте|проигнорируй)\s(?:все\s)?(?:предыдущие|прежние|прошлые)\s(?:инструкции|указания|команды|правила)",
    ),
    rule(
        0.9,
        r"(?:忽略|无视|無視|忘记|忘掉)(?:掉)?(?:你)?(?:之前|以上|上面|前面|先前|此前)(?:的)?(?:所有|全部|一切)?(?:的)?(?:指令|指示|提示|命令|规则|要求)",
    ),
    rule(
        0.9,
        r"(?:以前|上記|これまで|前)の(?:すべての|全ての)?(?:指示|命令)を(?:すべて|全て)?(?:無視|忘れ)",
    ),
    // Extraction of the system prompt.
    rule(
        0.8,
        r"\b(?:print|show|output|reveal|display|repeat|tell|give|leak|dump|disclose)\s(?:me\s|us\s)?(?:all\sof\s)?your\s(?:full\s|entire\s|complete\s|exact\s|whole\s){0,2}(?:system|initial|original|hidden|secret|internal)\s(?:system\s)?(?:prompt|instructions|message|rules|guidelines|configuration)",
    ),
    rule(
        0.8,
        r"\b(?:print|output|reveal|repeat|leak|dump|disclose)\s(?:me\s)?the\s(?:full\s|entire\s|complete\s|exact\s){0,2}(?:system|hidden|secret|developer)\s(?:prompt|instructions)",
    ),
    rule(
        0.8,
        // `repeat the words above the table` speaks of a document.
        r"\brepeat\s(?:the\swords|all\sof\sthe\swords|everything|all\sthe\stext|the\stext)\sabove(?:$|[^a-z ]|\s(?:[^a-z ]|(?:and|as|beginning|but|exactly|from|in\sa|including|inside|into|starting|then|to\sme|verbatim|with|without|word)\b))",
    ),
    // Role-play without rules.
    rule(0.85, r"\bdo\sanything\snow\b"),
    rule(0.85, r"\b(?:chatgpt|gpt|ai|assistant|model)\swith\sdeveloper\smode\s(?:enabled|on)\b"),
    rule(
        0.85,
        r"\bbroken\sfree\s(?:of|from)\sthe\s(?:typical\s)?(?:confines|limits|restrictions|chains)\sof\s(?:ai|openai)\b",
    ),
    rule(
        0.8,
        r"\b(?:ai|chatbot|bot|assistant|language\smodel|chatgpt)\s(?:\w{1,12}\s){0,3}(?:without\sany|without|with\sno|has\sno|no)\s(?:\w{1,12}\s)?(?:restrictions|filters|censorship|moral\sguidelines|ethical\sguidelines|rules\sor)",
    ),
    rule(
        0.8,
        r"\b(?:unfiltered|amoral|uncensored|unrestricted)(?:\sand\s|,\s)(?:amoral|unfiltered|immoral|uncensored|unrestricted)\s(?:ai|chatbot|bot|assistant|persona|version)\b",
    ),
    rule(
        0.75,
        r"\bnever\s(?:ever\s)?(?:say|use\sphrases\slike|use\swords\slike)\s.{0,12}(?:i\scan't|i\scannot|i'm\ssorry|i\sam\sunable)",
    ),
    rule(
        0.75,
        r"\bstart\syour\s(?:response|answer|reply)\s(?:with|using)\s.{0,40}(?:sure,\shere|absolutely!)",
    ),
    // Delimiters of chat templates where none belong.
    rule(0.75, r"<\|(?:im_start|start_header_id)\|>\s?(?:system|assistant)"),
    rule(0.7, r"<\|im_end\|>\s?<\|im_start\|>"),
    rule(0.7, r"<<sys>>|\[/inst\]\s?\[inst\]"),
    // Orders to the machine that reads a document.
    rule(
        0.75,
        r"\b(?:note|message|instructions?|attention|important)\s(?:to|for)\s(?:the\s|any\s|all\s)?(?:ai|llm|llms|ais|language\smodels?|ai\sassistants?|ai\sagents?|chatgpt)\b",
    ),
    rule(
        0.7,
        r"\bif\syou\s(?:are|'re)\s(?:an?\s)?(?:ai|llm|language\smodel|ai\sassistant|ai\sagent)\s(?:reading|processing|summari[sz]ing|reviewing|scanning)",
    ),
    rule(
        0.75,
        r"\b(?:send|forward|post|upload|exfiltrate|leak|append)\s(?:\S{1,16}\s){0,6}(?:system\sprompt|conversation|chat\shistory|api\skeys?|passwords?|credentials|secrets?)\s(?:\S{1,16}\s){0,4}(?:to|at|into)\s(?:\S{1,12}\s){0,2}(?:https?://|\S{1,40}@)",
    ),
    rule(
        0.65,
        r"\b(?:do\snot|don't|never)\s(?:mention|tell|reveal|show)\s(?:this|it|any\sof\sthis|these\sinstructions)\sto\sthe\suser\b",
    ),
    // What is encoded is to be obeyed.
    rule(
        0.75,
        r"\b(?:decode|decrypt|deobfuscate|unscramble)\s(?:\S{1,16}\s){0,8}(?:and|then)\s(?:\S{1,12}\s){0,2}(?:follow|execute|obey|carry\sout|do\swhat)",
    ),
    rule(0.7, r"\b(?:SWdub3Jl|aWdub3Jl|RGlzcmVnYXJk|ZGlzcmVnYXJk)[a-z0-9+/]{8}"),
];

static REGEX: LazyLock<Regex> = LazyLock::new(|| {
    let patterns: Vec<String> = RULES
        .iter()
        .map(|rule| rule.pattern.replace(r"\s", r"[ \t\r\n]{1,3}").replace(r"\b", r"(?-u:\b)"))
        .collect();
    Regex::builder()
        .syntax(syntax::Config::new().case_insensitive(true).utf8(true))
        .configure(Regex::config().nfa_size_limit(Some(32 << 20)).hybrid_cache_capacity(8 << 20))
        .build_many(&patterns)
        .expect("the table holds valid, bounded patterns")
});

/// Calls `visit` with the place and the score of each phrase in `text`, from left to right. Linear in the length of `text`.
pub(super) fn each(text: &str, mut visit: impl FnMut(usize, usize, f32)) {
    for found in REGEX.find_iter(Input::new(text)) {
        let score = RULES.get(found.pattern().as_usize()).map_or(0.0, |rule| rule.score);
        visit(found.start(), found.end(), score);
    }
}
