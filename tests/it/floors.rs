//! The layout of `src/` as a test: a module may name only modules on floors below its own, an outside crate only
//! where it has its home, and the pure core neither clock nor files nor environment.

use std::{
    fs,
    path::{Path, PathBuf},
};
use syn::{UseTree, visit::Visit};

/// Lowest first. Modules on one floor do not know each other.
const FLOORS: &[&[&str]] = &[
    &["base64", "encoding", "percent", "sensitive", "json"],
    &["detect"],
    &["redact"],
    &["policy"],
    &["engine"],
    &["meter", "model", "tls", "wire"],
    &["call", "store"],
    &["upstream", "vault"],
    &["stack"],
    &["grpc", "rest", "telemetry"],
    &["config"],
    &["app"],
    &["cli"],
    &["main"],
];

/// The highest floor of the pure core.
const CORE_TOP: &str = "engine";

/// Which modules may name an outside crate. Any module may name a crate that is not listed.
const OWNERS: &[(&str, &[&str])] = &[
    ("aho_corasick", &["detect", "redact"]),
    ("axum", &["rest", "app"]),
    ("brotli_decompressor", &["wire"]),
    ("clap", &["cli", "main"]),
    ("flate2", &["wire"]),
    ("h2", &["upstream"]),
    ("httpdate", &["upstream", "wire"]),
    ("hyper", &["upstream", "telemetry", "app"]),
    ("hyper_rustls", &["upstream", "telemetry"]),
    ("hyper_util", &["upstream", "telemetry", "app"]),
    ("moka", &["store"]),
    ("opentelemetry", &["telemetry", "stack"]),
    ("opentelemetry_proto", &["telemetry"]),
    ("opentelemetry_sdk", &["telemetry"]),
    ("ort", &["model"]),
    ("phonenumber", &["detect"]),
    ("prost", &["grpc", "telemetry"]),
    ("prost_types", &["grpc"]),
    ("redis", &["store"]),
    ("regex_automata", &["detect", "policy"]),
    ("rustls_native_certs", &["tls"]),
    ("ruzstd", &["wire"]),
    ("serde_saphyr", &["policy", "config"]),
    ("tokenizers", &["model"]),
    ("tokio_rustls", &["store"]),
    ("tonic", &["grpc"]),
    ("tonic_health", &["grpc"]),
    ("tonic_prost", &["grpc"]),
    ("tonic_reflection", &["grpc"]),
    ("tonic_types", &["grpc"]),
    ("tracing_opentelemetry", &["telemetry", "stack"]),
    ("tracing_subscriber", &["telemetry"]),
];

/// What the pure core must not name: the runtime, the network, logging.
const NOT_IN_THE_CORE: &[&str] =
    &["tokio", "http", "hyper", "tracing", "metrics", "futures_util", "tower", "getrandom"];

/// Parts of the standard library that the pure core must not name: they read the world.
const NOT_IN_THE_CORE_STD: &[&str] = &["env", "fs", "net", "process", "thread", "time"];

#[test]
fn modules_name_only_what_their_floor_may_know() {
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")) {
        let module = top_module(&path);
        if module != "lib" {
            wrong.extend(faults(&path, &module));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// What one file names that it may not.
fn faults(path: &Path, module: &str) -> Vec<String> {
    let own =
        floor(module).unwrap_or_else(|| panic!("{module} has no floor: give it one in FLOORS"));
    let core = own <= floor(CORE_TOP).unwrap();
    let mut named = Named::default();
    named.visit_file(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap());
    let place = path.display();
    let upward = named
        .inside
        .iter()
        .filter(|name| *name != module && floor(name).is_some_and(|other| own <= other));
    let foreign = named.outside.iter().filter(|(krate, _)| {
        OWNERS.iter().any(|(owned, owners)| owned == krate && !owners.contains(&module))
            || core && NOT_IN_THE_CORE.contains(&krate.as_str())
    });
    let worldly = named.outside.iter().filter(|(krate, part)| {
        core && krate == "std"
            && part.as_deref().is_some_and(|part| NOT_IN_THE_CORE_STD.contains(&part))
    });
    upward
        .map(|name| format!("{place}: {module} names {name}"))
        .chain(foreign.map(|(krate, _)| format!("{place}: {module} names the crate {krate}")))
        .chain(worldly.map(|(_, part)| {
            format!("{place}: {module} names std::{}", part.as_deref().unwrap_or_default())
        }))
        .collect()
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn top_module(path: &Path) -> String {
    let top = path.strip_prefix("src").unwrap().iter().next().unwrap().to_str().unwrap();
    top.trim_end_matches(".rs").to_owned()
}

/// The `x` of every `crate::x`, and the first two names of every other path.
#[derive(Default)]
struct Named {
    inside: Vec<String>,
    outside: Vec<(String, Option<String>)>,
}

impl Visit<'_> for Named {
    fn visit_path(&mut self, path: &syn::Path) {
        let mut names = path.segments.iter().map(|segment| segment.ident.to_string());
        match names.next() {
            Some(head) if head == "crate" => self.inside.extend(names.next()),
            Some(head) if path.segments.len() > 1 => self.outside.push((head, names.next())),
            _ => (),
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        if let UseTree::Path(head) = &item.tree {
            for second in heads(&head.tree) {
                if head.ident == "crate" {
                    self.inside.push(second.expect("`use crate::*` hides what a module names"));
                } else {
                    self.outside.push((head.ident.to_string(), second));
                }
            }
        }
        if let UseTree::Group(group) = &item.tree {
            assert!(
                group.items.is_empty(),
                "a `use` begins with one name, so that this test can read it"
            );
        }
    }
}

/// The first names of a use tree; `None` for a glob.
fn heads(tree: &UseTree) -> Vec<Option<String>> {
    match tree {
        UseTree::Path(it) => vec![Some(it.ident.to_string())],
        UseTree::Name(it) => vec![Some(it.ident.to_string())],
        UseTree::Rename(it) => vec![Some(it.ident.to_string())],
        UseTree::Glob(_) => vec![None],
        UseTree::Group(it) => it.items.iter().flat_map(heads).collect(),
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("tests.rs")
        {
            found.push(path);
        }
    }
    found
}
