//! `unsafe` stands in the vectors of the runtime and in the C interface of the facade, each time with its reason. The macros write it in
//! one folder: what `export_c!` and `export_casadi!` export.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Files and folders that may say it.
const FENCED: [&str; 3] = [
    "simplechain-runtime/src/simd",
    "simplechain-macros/src/export",
    "src/c",
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Whether code says `unsafe`; comments, texts and attributes such as `allow(unsafe_code)` do not count.
fn says_unsafe(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "unsafe",
        TokenTree::Group(group) => says_unsafe(group.stream()),
        _ => false,
    })
}

#[test]
fn unsafe_code_is_fenced() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["src", "simplechain-runtime/src", "simplechain-macros/src"] {
        sources(&root.join(folder), &mut files);
    }
    assert!(files.len() > 150, "{} files", files.len());
    let mut fences = FENCED.map(|_| false);
    for path in files {
        let name = path.strip_prefix(&root).expect("a file of the workspace");
        let text = fs::read_to_string(&path).expect("a source");
        let tokens = text.parse().expect("a source is made of tokens");
        if !says_unsafe(tokens) {
            continue;
        }
        let fence = FENCED.iter().position(|fence| name.starts_with(fence));
        let fence = fence.unwrap_or_else(|| panic!("{} says `unsafe`", name.display()));
        fences[fence] = true;
    }
    assert_eq!(fences, [true; 3], "a fence around nothing");
}
