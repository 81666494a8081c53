//! Secrets inside of links: passwords before the host, addresses that anybody who knows them may post to, signatures.

use super::{
    SECRET, check, known, layout, random,
    value::{Value, is_sample, is_stand_in},
};
use crate::detect::{
    pattern::{Accepted, Pattern, Recognizer},
    seen::{Seen, prefix, suffix},
};

pub(in super::super) static CREDENTIALS: Recognizer = Recognizer {
    name: "secrets/url_password",
    description: "passwords in links and connection strings: scheme://user:password@host",
    patterns: &[
        Pattern::new(
            SECRET,
            0.9,
            r"://[A-Za-z0-9._~%+!*$@=,-]{0,64}:[!#-&(-.0-;=?-Z\[-_a-~]{1,100}@",
        )
        .check(credentials),
        Pattern::new(SECRET, 0.85, r"://[A-Za-z0-9_-]{20,64}(?::(?:x-oauth-basic)?)?@").check(lone),
        Pattern::new(
            SECRET,
            0.8,
            r"CONTRIBSYS__COM[\x22' ]{0,3}[=:][\x22' ]{0,3}[0-9a-f]{8}:[0-9a-f]{8}",
        )
        .check(bundle),
        Pattern::new(SECRET, 0.8, r"contribsys\.com(?:/|:)").check(sidekiq_link),
    ],
};

pub(in super::super) static WEBHOOKS: Recognizer = Recognizer {
    name: "secrets/webhook",
    description: "links that let whoever knows them post or read: webhooks of chats, signed links of stores",
    patterns: &[
        Pattern::new(SECRET, 0.95, r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{20}").check(hook),
        Pattern::new(SECRET, 0.95, r"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{50}").check(hook),
        Pattern::new(SECRET, 0.95, r"(?:outlook\.office(?:365)?\.com/webhook|webhook\.office\.com/webhookb2)/[0-9a-f]{8}-[0-9a-f]{4}-").check(teams),
        Pattern::new(SECRET, 0.9, r"chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{5,30}/messages\?key=").check(hook),
        Pattern::new(SECRET, 0.9, r"hooks\.zapier\.com/hooks/catch/[0-9]{1,12}/").check(zapier),
        Pattern::new(SECRET, 0.9, r"(?:maker\.ifttt\.com/trigger/[A-Za-z0-9_-]{1,40}/with/key|hook\.(?:eu|us)[0-9]\.make\.com|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=|open\.feishu\.cn/open-apis/bot/v2/hook|oapi\.dingtalk\.com/robot/send\?access_token=|api\.telegram\.org/bot[0-9]{5,12}:)").check(hook),
        Pattern::new(SECRET, 0.9, r"(?:infura\.io/(?:ws/)?v[0-9]/[0-9a-f]{32}|alchemy\.com/v2/[A-Za-z0-9_-]{32}|quiknode\.pro/[0-9a-f]{40})").check(hook),
        Pattern::new(SECRET, 0.9, r"thingsboard\.(?:cloud|io)/api/v1/").check(device),
        Pattern::new(SECRET, 0.9, r"blynk\.cloud/external/api/[A-Za-z]{2,24}\?token=").check(hook),
        Pattern::new(SECRET, 0.85, r"(?:[?&]|&amp;)(?:code|auth|zapikey|token|key|apikey|api_key|access_token|appid|pwd|Signature|session)=[A-Za-z0-9_.%+/-]{32}").check(parameter),
        Pattern::new(SECRET, 0.9, r"otpauth(?:-migration)?://").check(seed),
        Pattern::new(SECRET, 0.85, r"/hooks/(?:[a-z0-9]{26}|[0-9a-fA-F]{24}/[A-Za-z0-9]{40,64})").check(hook_of_own_host),
        Pattern::new(SECRET, 0.9, r"(?:[?&]|&amp;)(?:sig=|X-Amz-Signature=|X-Goog-Signature=|sv=20[0-9]{2}-)[A-Za-z0-9%+/=_.-]{5}").check(signature),
    ],
};

/// The password in `scheme://user:password@host`.
fn credentials(seen: &Seen<'_>) -> Option<Accepted> {
    let text = seen.text();
    let colon = 3 + text.get(3..)?.find(':')?;
    let user = text.get(3..colon)?;
    let value = password(text.get(colon + 1..)?)?;
    let scheme = scheme(seen.left());
    let copied =
        value.eq_ignore_ascii_case(user) || value.eq_ignore_ascii_case(scheme) || value.len() < 3;
    let named = value.split('@').all(is_named);
    if scheme.is_empty() || copied || named || is_port(value) {
        return None;
    }
    let start = seen.start + colon + 1;
    let host = seen.all.get(start + value.len() + 1..)?;
    let is_weak = is_nowhere(host) || is_sample(value) || known::is_known(value);
    Value::known(value, start).accept_as(seen, is_weak)
}

/// True for hosts that no one else can reach: addresses that RFC 3849 and RFC 5737 keep for documentation, and sockets in the
/// file system. Names of documentation, `example.org`, are put in the place of real ones too often, with the password left in.
fn is_nowhere(host: &str) -> bool {
    const PLACES: &[&str] =
        &["/", "[2001:db8:", "[2001:DB8:", "192.0.2.", "198.51.100.", "203.0.113.", "%2F", "%2f"];
    PLACES.iter().any(|place| host.starts_with(place))
}

/// A token in the place of the user, alone: `https://<token>@github.com/…`.
fn lone(seen: &Seen<'_>) -> Option<Accepted> {
    let token = seen.text().get(3..)?.split([':', '@']).next()?;
    let start = seen.start + 3;
    let live =
        !scheme(seen.left()).is_empty() && random::is_random(token) && !random::is_filler(token);
    let found = live.then(|| seen.accept_span(start, start + token.len()))??;
    // Sentry's addresses of projects, which its documentation calls safe to publish: they can be written to and not read.
    let host = seen.right().split(['/', ':']).next()?;
    Some(if host == "sentry.io" || host.ends_with(".sentry.io") {
        found.with_score(check::WEAK)
    } else {
        found
    })
}

/// What stands before the last `@` in front of the path or the query. A password may hold one, and any mark behind it.
fn password(rest: &str) -> Option<&str> {
    let first = rest.find('@')?;
    let more = rest.get(first..)?;
    let authority = more.split(['?', '#']).next()?;
    rest.get(..first + authority.rfind('@')?)
}

/// The port of a host without credentials, and what follows it: `://host:8080?to=ann@…`.
fn is_port(value: &str) -> bool {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && value.get(digits..).is_some_and(|rest| rest.starts_with(['?', '#', '&', ',']))
}

/// The letters in front of `://`.
fn scheme(left: &str) -> &str {
    let from = left.rfind(|c: char| !(c.is_ascii_alphanumeric() || "+.-".contains(c)));
    let scheme = from
        .and_then(|at| left.get(at..))
        .map_or(left, |s| s.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()));
    scheme.split('+').next().unwrap_or(scheme)
}

/// What stands for a password. `secret` is one here as good as any other.
fn is_named(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let word = matches!(
        lower.as_str(),
        "mongodb" | "mysql" | "postgres" | "postgresql" | "redis" | "host" | "port"
    );
    let stand_in =
        is_stand_in(value) && lower != "secret" && !(value.starts_with('[') && value.len() > 12);
    word || stand_in || lower.contains("_password") || lower.contains("yourpass")
}

/// `BUNDLE_…__CONTRIBSYS__COM=cafebabe:deadbeef`: what gives access to bought gems.
fn bundle(seen: &Seen<'_>) -> Option<Accepted> {
    let colon = seen.text().len() - 17;
    seen.accept_span(seen.start + colon, seen.end)
}

/// The same in the address of the source.
fn sidekiq_link(seen: &Seen<'_>) -> Option<Accepted> {
    let left = seen.left();
    let at = left.rfind('@')?;
    let user = left.get(..at)?;
    let from = user.rfind('/')? + 1;
    let pair = user.get(from..)?;
    let hex = |part: &str| part.len() == 8 && part.bytes().all(|b| b.is_ascii_hexdigit());
    let start = seen.start - left.len() + from;
    pair.split_once(':')
        .filter(|(a, b)| hex(a) && hex(b))
        .and_then(|_| seen.accept_span(start, start + pair.len()))
}

/// The link to its end, from the scheme on.
fn link(seen: &Seen<'_>) -> (usize, usize) {
    let left = seen.left();
    let from =
        left.rfind(|c: char| c.is_whitespace() || "\"'`<>()[]{}=,".contains(c)).map_or(0, |at| {
            at + left.get(at..).and_then(|l| l.chars().next()).map_or(1, char::len_utf8)
        });
    let rest = prefix(seen.all.get(seen.end..).unwrap_or_default(), 512);
    let len = rest
        .find(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>()[]{},;\\|".contains(c))
        .unwrap_or(rest.len());
    (seen.start - left.len() + from, seen.end + len)
}

fn hook(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, end) = link(seen);
    // What is called may stand behind the key: `/bot<key>/sendDocument`.
    let parts = || seen.all.get(seen.start..end).unwrap_or_default().rsplit(['/', '=', ':']);
    let has_digit = |part: &&str| part.bytes().any(|b| b.is_ascii_digit());
    let mut long = parts().filter(|part| part.len() >= 12);
    let secret = long.clone().find(has_digit).or_else(|| long.next())?;
    let live = !random::is_filler(secret);
    live.then(|| seen.accept_span(start, end)).flatten()
}

/// Short ones, behind the number of the account.
fn zapier(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, end) = link(seen);
    let key = seen.all.get(seen.end..end)?.trim_end_matches(['/', '.']);
    let fits = key.len() >= 6 && key.bytes().all(|b| b.is_ascii_alphanumeric());
    let live = fits && key.bytes().any(|b| b.is_ascii_digit()) && !random::is_filler(key);
    live.then(|| seen.accept_span(start, end))?
}

/// A key that is a parameter of a link, whoever the issuer is.
fn parameter(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, key) = value_of_parameter(seen)?;
    let is_link = suffix(seen.all.get(..seen.start)?, 256)
        .rsplit(|c: char| c.is_whitespace() || "\"'`<>".contains(c))
        .next()
        .is_some_and(|link| link.contains("://"));
    (is_link && (random::is_random(key) || layout::is_uuid(key)) && !random::is_filler(key))
        .then(|| seen.accept_span(start, start + key.len()))?
}

/// What the codes of an authenticator are made from, as a QR code carries it.
fn seed(seen: &Seen<'_>) -> Option<Accepted> {
    const LINK: usize = 2048;
    let rest = prefix(seen.all.get(seen.end..)?, LINK);
    let link = rest.split(|c: char| c.is_whitespace() || "\"'`<>".contains(c)).next()?;
    let (_, query) = link.split_once('?')?;
    let value = ["secret=", "data="]
        .iter()
        .find_map(|name| query.split('&').find_map(|parameter| parameter.strip_prefix(name)))?;
    let value = value.trim_end_matches(['.', ',', ')', ';']);
    let start = seen.end + link.find(value).filter(|_| value.len() >= 8)?;
    let live = !random::is_filler(value) && !is_stand_in(value);
    live.then(|| seen.accept_span(start, start + value.len()))?
}

/// What the parameter that was seen is set to, and where it begins.
fn value_of_parameter<'t>(seen: &Seen<'t>) -> Option<(usize, &'t str)> {
    let start = seen.start + seen.text().find('=')? + 1;
    let end = seen.run(512, |c| c.is_ascii_alphanumeric() || "%+/=_.-".contains(c));
    Some((start, seen.all.get(start..end)?))
}

/// Chats that people run themselves: the host says nothing, the path ends in a key.
fn hook_of_own_host(seen: &Seen<'_>) -> Option<Accepted> {
    let key = seen.text().rsplit('/').next()?;
    let apart = seen.after().is_none_or(|c| !c.is_ascii_alphanumeric());
    let (start, end) = link(seen);
    let is_link = seen.all.get(start..seen.start)?.contains("://");
    (apart && is_link && random::is_random(key)).then(|| seen.accept_span(start, end))?
}

/// Two identifiers, `IncomingWebhook`, and two more.
fn teams(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, end) = link(seen);
    let path = seen.all.get(seen.end..end)?;
    (path.contains('@') && path.contains("/IncomingWebhook/"))
        .then(|| seen.accept_span(start, end))
        .flatten()
}

/// The name of the device in the path is its key.
fn device(seen: &Seen<'_>) -> Option<Accepted> {
    let rest = prefix(seen.all.get(seen.end..)?, 64);
    let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let key = rest.get(..len)?;
    (len >= 20 && random::is_random(key))
        .then(|| seen.accept_span(seen.end, seen.end + len))
        .flatten()
}

/// The signature that makes a link to a store work.
fn signature(seen: &Seen<'_>) -> Option<Accepted> {
    let (start, value) = value_of_parameter(seen)?;
    let sig =
        value.len() >= 40 && value.bytes().any(|b| b.is_ascii_digit()) && !random::is_filler(value);
    sig.then(|| seen.accept_span(start, start + value.len())).flatten()
}
