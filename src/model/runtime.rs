//! The library of ONNX Runtime, loaded once for the whole process.

use super::Fault;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// What a library is called where nothing else is said.
const LIBRARY: &str = if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else if cfg!(windows) {
    "onnxruntime.dll"
} else {
    "libonnxruntime.so"
};

/// Loads the library, unless it is loaded already. The first one stays: another cannot take its place in one process.
pub(super) fn init(library: Option<&Path>) -> Result<(), Fault> {
    static LOADED: Mutex<bool> = Mutex::new(false);
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*loaded {
        let environment = ort::init_from(path(library)).map_err(|error| Fault {
            setting: "model.library".to_owned(),
            problem: format!("cannot be loaded: {error}"),
            remedy: "install ONNX Runtime 1.17 or later, and name its library file in this setting or in ORT_DYLIB_PATH"
                .to_owned(),
        })?;
        // False if somebody else in the process has made an environment, which then serves as well.
        environment.with_telemetry(false).commit();
        *loaded = true;
    }
    Ok(())
}

/// A bare name is left to the system's own search; anything else counts from the current folder.
fn path(library: Option<&Path>) -> PathBuf {
    let library = library.unwrap_or(Path::new(LIBRARY));
    if library.components().count() < 2 && !library.exists() {
        return library.to_owned();
    }
    std::path::absolute(library).unwrap_or_else(|_| library.to_owned())
}
