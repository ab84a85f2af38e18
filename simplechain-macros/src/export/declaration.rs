//! Declarations in C: a comment, and a function whose parameters are numbers, pointers and arrays.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// What stands for `PREFIX`, `UPPER` and `REAL`, and ends the names of functions.
pub(super) struct Names<'a> {
    pub(super) prefix: String,
    pub(super) suffix: &'a str,
    pub(super) real: &'a str,
}

impl Names<'_> {
    fn replace(&self, text: &str) -> String {
        text.replace("PREFIX", &self.prefix)
            .replace("UPPER", &self.prefix.to_ascii_uppercase())
            .replace("REAL", self.real)
    }
}

/// A function.
pub(super) struct Declaration {
    /// As it stands in the header, with its comment.
    pub(super) text: String,
    /// Its name.
    pub(super) name: String,
    /// The function of the library.
    pub(super) call: String,
    /// The comment.
    pub(super) doc: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: CType,
}

pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) ty: CType,
}

/// A type of C.
#[derive(Debug, PartialEq)]
pub(super) struct CType {
    pointer: Pointer,
    base: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Pointer {
    None,
    Const,
    Mut,
}

impl CType {
    /// From what stands before the name, and whether an array's length stands after it.
    fn parse(before: &str, is_array: bool) -> Self {
        let is_const = before.starts_with("const ");
        let base = before.trim_start_matches("const ");
        let pointer = match (is_array || base.ends_with('*'), is_const) {
            (false, _) => Pointer::None,
            (true, true) => Pointer::Const,
            (true, false) => Pointer::Mut,
        };
        let base = base.trim_end_matches('*').trim().to_owned();
        Self { pointer, base }
    }

    pub(super) fn is_pointer(&self) -> bool {
        self.pointer != Pointer::None
    }

    /// The same type in Rust, with this one for `REAL`.
    pub(super) fn tokens(&self, real: &Ident) -> TokenStream {
        let primitive = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            quote!(::core::primitive::#name)
        };
        let base = match self.base.as_str() {
            "REAL" => quote!(::core::primitive::#real),
            "size_t" => primitive("usize"),
            "uint64_t" => primitive("u64"),
            "int32_t" => primitive("i32"),
            "double" => primitive("f64"),
            "char" => quote!(::core::ffi::c_char),
            "void" => quote!(::core::ffi::c_void),
            other => panic!("the type `{other}` has no counterpart"),
        };
        match self.pointer {
            Pointer::None => base,
            Pointer::Const => quote!(*const #base),
            Pointer::Mut => quote!(*mut #base),
        }
    }
}

/// The functions of a file: each a comment and a declaration, with an empty line between two. What is wrong in it is a mistake of this
/// crate.
pub(super) fn declarations(file: &str, names: &Names<'_>) -> Vec<Declaration> {
    let blocks = file.trim().split("\n\n");
    blocks.map(|block| declaration(block, names)).collect()
}

fn declaration(block: &str, names: &Names<'_>) -> Declaration {
    let (comment, function) = block.split_once("*/\n").expect("a comment comes first");
    let comment = comment.trim_start_matches("/*").split_whitespace();
    let (before, parameters) = function.split_once('(').expect("a function");
    let parameters = parameters.strip_suffix(");").expect("one function");
    let (output, call) = typed(before);
    let parameters = parameters.split(',').filter(|text| *text != "void");
    let parameters = parameters.map(|text| {
        let (ty, name) = typed(text);
        Parameter { name, ty }
    });
    let with_suffix = function.replacen('(', &format!("{}(", names.suffix), 1);
    let text = format!(
        "\n{}*/\n{with_suffix}\n",
        &block[..block.len() - function.len() - 3]
    );
    Declaration {
        text: names.replace(&text),
        name: names.replace(&call) + names.suffix,
        call: call.replace("PREFIX_", ""),
        doc: names.replace(&comment.collect::<Vec<_>>().join(" ")),
        parameters: parameters.collect(),
        output,
    }
}

/// The type and the name in `const REAL *name` or `REAL name[LEN]`.
fn typed(text: &str) -> (CType, String) {
    let (text, is_array) = match text.trim().split_once('[') {
        Some((text, _)) => (text, true),
        None => (text.trim(), false),
    };
    let at = text.rfind([' ', '*']).expect("a type and a name") + 1;
    (
        CType::parse(text[..at].trim(), is_array),
        text[at..].to_owned(),
    )
}
