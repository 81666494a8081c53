//! Generates the gRPC code from `proto/`, without a `protoc` binary.
//!
//! Into `OUT_DIR` go the messages and the service (`promptguard.v1.rs`), the messages' `Debug`
//! (`promptguard.v1.debug.rs`) and the descriptors for reflection (`promptguard.v1.bin`).

use std::{env, error::Error, fs, path::PathBuf};
use tonic_prost_build::FileDescriptorSet;

const ROOT: &str = "proto";
const FILE: &str = "promptguard/v1/guard.proto";
const PACKAGE: &str = "promptguard.v1";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={ROOT}");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_SERVER").is_none() {
        return Ok(());
    }
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);

    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_imports(true).include_source_info(true).open_file(FILE)?;
    let descriptors = compiler.file_descriptor_set();

    fs::write(out_dir.join(format!("{PACKAGE}.bin")), compiler.encode_file_descriptor_set())?;
    let messages = messages(&descriptors);
    fs::write(out_dir.join(format!("{PACKAGE}.debug.rs")), debug_impls(&messages))?;
    tonic_prost_build::configure()
        .skip_debug(messages.iter().map(|message| format!(".{PACKAGE}.{}", message.name)))
        .compile_fds(descriptors)?;
    Ok(())
}

/// A message: its name, and the Rust paths of its oneofs, such as `chat_message::Content`.
struct Message {
    name: String,
    oneofs: Vec<String>,
}

/// Our messages, which are flat: none is declared inside another (map entries aside).
fn messages(descriptors: &FileDescriptorSet) -> Vec<Message> {
    let own_files = descriptors.file.iter().filter(|file| file.package() == PACKAGE);
    own_files
        .flat_map(|file| &file.message_type)
        .map(|message| Message {
            name: message.name().to_owned(),
            oneofs: message
                .oneof_decl
                .iter()
                .filter(|oneof| !oneof.name().starts_with('_')) // those stand for `optional`
                .map(|oneof| {
                    format!("{}::{}", snake_case(message.name()), upper_camel_case(oneof.name()))
                })
                .collect(),
        })
        .collect()
}

/// `Debug` for all messages, telling the length alone: most of them hold texts of callers, which must not get into a
/// log by a stray `{:?}`. Generated here, so that no new message can be forgotten.
fn debug_impls(messages: &[Message]) -> String {
    let mut code = String::new();
    for Message { name, oneofs } in messages {
        let length = ", prost::Message::encoded_len(self)";
        code += &debug_impl(name, &format!("{name}({{}} bytes)"), length);
        for path in oneofs {
            code += &debug_impl(path, &format!("{path}(…)"), "");
        }
    }
    code
}

fn debug_impl(path: &str, shown: &str, arguments: &str) -> String {
    format!(
        "impl std::fmt::Debug for {path} {{\n    \
             fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\n        \
                 write!(f, \"{shown}\"{arguments})\n    \
             }}\n\
         }}\n"
    )
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn upper_camel_case(name: &str) -> String {
    name.split('_')
        .filter_map(|word| Some(word.get(..1)?.to_ascii_uppercase() + word.get(1..)?))
        .collect()
}
