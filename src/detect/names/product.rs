//! What the tagger takes for a name and a list knows better: products and formats (`Oniguruma`, `OTLP`), and headings in
//! capitals (`GLOBAL FLAGS`).

use super::{
    analysis::{Analysis, Line, Word},
    lexicon::Entry,
    token::{self, Shape, Token},
};
use crate::detect::seen::{prefix, suffix};
use std::{collections::HashSet, ops::Range, sync::LazyLock};

/// What else a product may be called like.
const NAME: u32 = Entry::GIVEN
    | Entry::SURNAME
    | Entry::CITY
    | Entry::REGION
    | Entry::ORG
    | Entry::ORG_WORD
    | Entry::PLACE_WORD;

/// Words that may stand behind the first one of a product.
const EVERYDAY: u32 = Entry::COMMON | Entry::KNOWN | Entry::FUNCTION | Entry::PRODUCT;

/// The longest name of a region, in bytes.
const LONGEST_ZONE: usize = 24;

/// Acronyms, formats, tools and types of technical text that name nobody, in small letters.
#[rustfmt::skip]
const TECHNICAL: &[&str] = &[
    "aaaa", "abi", "acpi", "actix", "ahash", "aiff", "ansi", "ansible", "aot", "api", "appimage", "appveyor", "arial", "ascii",
    "asciidoc", "asgi", "autoconf", "automake", "autotools", "avif", "avr", "aws", "azure", "backtrace", "bazel", "bcp", "bgp", "bibtex", "bigquery",
    "bigtable", "bios", "bitbucket", "bmi", "bokeh", "boringssl", "borsh", "bpf", "bpmn", "breve", "brotli", "btree", "btrfs", "buildah",
    "buildkite", "bullseye", "bumpalo", "bytesio", "caa", "calibri", "ccpa", "cdnskey", "cfg", "changelog", "charset", "cidr", "cifs",
    "circleci", "cli", "cloudfront", "cloudinit", "cloudwatch", "cmake", "cmyk", "cname", "codec", "codecov", "codecs", "coinit",
    "colorize", "consolas", "cookiejar", "cors", "countif", "cpt", "crossterm", "csrf", "csync", "cython", "dask", "datadog", "dataplex",
    "dataproc", "dbus", "dccp", "dependabot", "deserializer", "devanagari", "dfa", "dfas", "dhcp", "diaeresis", "dialytika", "dicom",
    "directx", "django", "dlgproc", "dma", "dnskey", "dnssec", "docbook", "doxygen", "dpdk", "dpkg", "drm", "dtd", "dtrace", "dyn",
    "dynamodb", "eacces", "eagain", "ebadengine", "ebcdic", "ebpf", "ebusy", "econnrefused", "econnreset", "eexist", "eintegrity",
    "einval", "eks", "emfile", "emitter", "enfile", "enoent", "enospc", "enotdir", "eperm", "eresolve", "erofs", "etcd", "etimedout",
    "exif", "fargate", "fastapi", "ffi", "fifo", "fips", "flac", "flatpak", "fluentd", "fma", "fontconfig", "formatter", "formatters",
    "fps", "fqdn", "freetype", "fullwidth", "garamond", "gc", "gcc", "gcloud", "gdb", "gdpr", "generator", "getenv", "gettext", "ghz",
    "gib", "gif", "gke", "gmp", "gnutls", "gopath", "gpio", "grapheme", "gtk", "gui", "gunicorn", "gzip", "halfwidth", "handler",
    "haproxy", "harfbuzz", "hashbrown", "hashdos", "hbrush", "hdc", "heic", "helgrind", "helvetica", "hinstance", "hipaa", "hir",
    "hiragana", "hls", "hmenu", "hotp", "hppa", "hyperscan", "iam", "iana", "icd", "icmp", "idn", "idna", "igmp", "imu", "inf", "ioam", "iptc", "irq",
    "istio", "itar", "iterable", "iterator", "jemalloc", "jit", "jpeg", "jtag", "jupyter", "jython", "katakana", "keras", "kerberos",
    "kerning", "khz", "kib", "kibana", "kms", "kubeconfig", "kvm", "lacp", "laravel", "ldap", "lexer", "lfu", "libressl", "libtool",
    "licensor", "lifo", "linter", "lintian", "lldb", "llvm", "logstash", "loinc", "loongarch", "lparam", "lpvoid", "lru", "lsm", "lsp",
    "ltrace", "lvm", "lxc", "maildir", "makefile", "mariadb", "massif", "matplotlib", "mbedtls", "mdoc", "memcached", "memcheck",
    "memorystore", "merchantability", "meson", "mfa", "mhz", "mib", "mimalloc", "mkv", "mmx", "mojave", "mpfr", "mro", "mru", "msan",
    "mtbf", "mttr", "multiline", "mvcc", "mx", "namespace", "naptr", "nasm", "natvis", "ndc", "ndebug", "netplan", "nfa", "nfas", "nfs",
    "nixos", "noninfringement", "noqa", "nroff", "nsec", "nss", "ntlm", "numa", "nvme", "oauthlib", "oci", "ocsp", "ogonek", "oidc",
    "oniguruma", "onnx", "oop", "opencl", "opengl", "openssl", "opsgenie", "orm", "ospf", "otlp", "oxia", "pacman", "pagerduty", "pandoc",
    "pango", "pantone", "pci", "pcie", "pcre", "perf", "pikevm", "pipewire", "pivottable", "pixbuf", "png", "podman", "polars", "polkit",
    "popen", "postgres", "powerpc", "ppi", "pragma", "preproc", "ptr", "pulseaudio", "punycode", "pygments", "pypi", "pythonpath",
    "pytorch", "qemu", "qps", "rabbitmq", "ral", "rapidhash", "ratatui", "rbac", "rdma", "redis", "redshift", "repl", "reqwest",
    "restructuredtext", "rfc", "rfcs", "roboto", "rocm", "rpc", "rpki", "rrsig", "rss", "rtp", "rtsp", "sagemaker", "sata", "sbom", "scim",
    "scipy", "scons", "scsi", "sctp", "sdk", "sdp", "serde", "serializer", "setenv", "setuptools", "sfmono", "skopeo", "sla", "sli",
    "slo", "smb", "smimea", "snapd", "snmalloc", "snmp", "snomed", "snyk", "soc", "sonarqube", "sparc", "spdx", "spi", "splunk", "sqlite",
    "srgb", "srgba", "srv", "sse", "stackdriver", "strace", "stringio", "sumif", "svcb", "svg", "swisstable", "sycl", "symfony", "syn",
    "systemd", "systemtap", "tcmalloc", "tekton", "thiserror", "tib", "tmpfs", "tokenizer", "tonos", "totp", "tps", "traceback",
    "traefik", "troff", "tsig", "typedef", "uart", "ubsan", "udev", "uefi", "uml", "usb", "utf", "uvicorn", "valgrind", "varia",
    "verdana", "vfio", "virtualbox", "vlookup", "vpc", "vulkan", "vxlan", "waf", "wal", "wav", "webm", "webp", "webrtc", "werror", "wextra",
    "wolfssl", "wparam", "wsdl", "wsgi", "xdp", "xen", "xfs", "xlookup", "xorg", "xpath", "xsd", "xslt", "xsrf", "xz", "zerocopy",
    "zeroize", "zerotrie", "zipkin", "zlib", "zookeeper", "zstd",
];

static KNOWN: LazyLock<HashSet<u64>> =
    LazyLock::new(|| TECHNICAL.iter().map(|word| token::hash(word)).collect());

/// True when all words of the name are those of products, and of nothing that is called by a name; behind the first one, which says whose
/// they are, everyday words as well: `Azure Blob Storage`.
pub(super) fn is_one(analysis: &Analysis, name: &Range<usize>) -> bool {
    let is_product =
        |(token, word): (&Token, &Word)| !word.entry.has(NAME) && KNOWN.contains(&token.id);
    let is_everyday = |word: &Word| word.entry.has(EVERYDAY) && !word.entry.has(NAME);
    let mut words = words(analysis, name);
    words.next().is_some_and(is_product)
        && words.all(|(token, word)| is_product((token, word)) || is_everyday(word))
}

/// True for words of a program in a line of code: the `elif` of `elif x`, which is a name elsewhere.
pub(super) fn is_keyword(text: &str, analysis: &Analysis, name: &Range<usize>) -> bool {
    #[rustfmt::skip]
    const KEYWORDS: [&str; 24] = [
        "async", "await", "begin", "chan", "const", "def", "dyn", "elif", "elsif", "enum", "fn", "func", "impl", "lambda", "let", "match", "mut", "pub",
        "self", "struct", "trait", "val", "var", "yield",
    ];
    let is_keyword = |token: &Token| {
        token.shape == Shape::Lower && KEYWORDS.contains(&token.slice(text))
            || token.shape == Shape::Initial
    };
    let mut words = words(analysis, name).peekable();
    words.peek().is_some_and(|(token, _)| token.shape == Shape::Lower)
        && words.all(|(token, word)| word.line == Line::Code && is_keyword(token))
}

/// True for a part of the name of a cloud's region or zone, which is written small and has digits behind its last part:
/// `asia-northeast1`, `ap-southeast-2`.
pub(super) fn is_zone(text: &str, start: usize, end: usize) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let left = suffix(text.get(..start).unwrap_or_default(), LONGEST_ZONE);
    let right = prefix(text.get(end..).unwrap_or_default(), LONGEST_ZONE);
    let name = text.get(start..end).unwrap_or_default();
    let before = left.len() - left.trim_end_matches(is_part).len();
    let behind = right.find(|c| !is_part(c)).unwrap_or(right.len());
    let word = text.get(start - before..end + behind).unwrap_or_default();
    let parts = || word.split('-');
    let is_word = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_digit()).len() > 1;
    name.chars().all(is_part)
        && word.len() <= LONGEST_ZONE
        && (2..=4).contains(&parts().count())
        && parts().next().is_some_and(|area| (2..=12).contains(&area.len()) && is_word(area))
        && word.ends_with(|c: char| c.is_ascii_digit())
        && parts().all(|part| is_word(part) || part.len() == 1)
}

/// True for a line of capitals, most of them everyday words, none of them of an organisation or a place.
pub(super) fn is_heading(analysis: &Analysis, name: &Range<usize>) -> bool {
    let is_break =
        |at: usize| analysis.tokens.get(at).is_none_or(|token| token.shape == Shape::Break);
    // `.SH "GLOBAL FLAGS"`: the request is hidden.
    let is_hidden = |at: usize| analysis.words.get(at).is_some_and(|word| word.opaque);
    let is_line = match name.start {
        0 => false,
        start if is_break(start - 1) => is_break(name.end),
        start => start > 1 && is_hidden(start - 2) && is_break(name.end + 1),
    };
    let everyday = |word: &Word| {
        word.entry.has(Entry::COMMON | Entry::KNOWN | Entry::PRODUCT) && !word.entry.has(NAME)
    };
    let (mut count, mut unknown) = (0, 0);
    is_line
        && words(analysis, name).all(|(token, word)| {
            count += 1;
            unknown += usize::from(!everyday(word));
            token.shape == Shape::Upper && !word.entry.has(NAME)
        })
        && count > 1
        && unknown < 2
}

fn words<'a>(
    analysis: &'a Analysis,
    name: &Range<usize>,
) -> impl Iterator<Item = (&'a Token, &'a Word)> {
    let tokens = analysis.tokens.get(name.clone()).unwrap_or_default();
    let words = analysis.words.get(name.clone()).unwrap_or_default();
    let pairs = tokens.iter().zip(words);
    pairs.filter(|(token, _)| token.is_word())
}

#[cfg(test)]
mod tests {
    use super::{super::LEXICON, *};

    #[track_caller]
    fn check(marked: &str, is: impl Fn(&Analysis, &Range<usize>) -> bool, expected: bool) {
        let (start, end) = (marked.find('[').unwrap(), marked.find(']').unwrap() - 1);
        let text = marked.replace(['[', ']'], "");
        let mut analysis = Analysis::default();
        analysis.read(&text, &LEXICON);
        let places = analysis.tokens.iter().enumerate();
        let inside = places.filter(|(_, token)| start <= token.start && token.end <= end);
        let inside: Vec<usize> = inside.map(|(at, _)| at).collect();
        let name = inside[0]..inside[inside.len() - 1] + 1;
        assert_eq!(is(&analysis, &name), expected, "{marked}");
    }

    #[test]
    fn regions_of_clouds_are_no_places() {
        for (text, name, expected) in [
            ("in ap-southeast-2 now", "ap-", true),
            ("in asia-northeast1 now", "asia-northeast1", true),
            ("we met in ulm-ost", "ulm-ost", false),
            ("in berlin 4", "berlin", false),
            ("in Asia-Pacific 4", "Asia-Pacific", false),
        ] {
            let start = text.find(name).unwrap();
            assert_eq!(is_zone(text, start, start + name.len()), expected, "{text}");
        }
    }

    #[test]
    fn products_are_no_names_unless_somebody_is_called_so() {
        check("built on [Oniguruma]", is_one, true);
        check("we use [OTLP] now", is_one, true);
        check("[Ruby] came late", is_one, false);
        check("ask [Oniguruma Miller]", is_one, false);
        check("stored in [Azure Blob Storage] now", is_one, true);
        check("with [MVCC, WAL] and more", is_one, true);
    }

    #[test]
    fn lines_of_capitals_are_headings() {
        check("a\n[REQUIRED FLAGS]\nb", is_heading, true);
        check("a\n[BRIGHTWATER BANK]\nb", is_heading, false);
        check("a\n.SH \"[REQUIRED FLAGS]\"\nb", is_heading, true);
        check("to [REQUIRED FLAGS]", is_heading, false);
    }
}
