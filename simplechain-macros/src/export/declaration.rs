//! Declarations in C: a comment, and a function whose parameters are numbers, pointers and arrays.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::hygiene;

/// A function.
#[derive(Clone)]
pub(super) struct Declaration {
    /// What it does.
    pub(super) comment: String,
    /// Its declaration in C.
    pub(super) prototype: String,
    /// Its name.
    pub(super) name: String,
    /// The module of the function in the library, if it has one of its own.
    pub(super) module: Option<&'static str>,
    /// The function of the library.
    pub(super) call: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) output: CType,
}

#[derive(Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) ty: CType,
}

/// A type of C: a number, or a pointer to some.
#[derive(Clone)]
pub(super) struct CType {
    pointer: Option<Access>,
    base: String,
}

#[derive(Clone, Copy)]
enum Access {
    Read,
    Write,
}

/// The functions of a file: each a comment and a declaration, with an empty line between two. `PREFIX` stands for the prefix, `UPPER` for
/// that in capitals, `REAL` for the number type; `suffix` ends the names of the functions. What is wrong in the file is a mistake of
/// this crate.
pub(super) fn declarations(
    file: &str,
    prefix: &Ident,
    real: &str,
    suffix: &str,
) -> Vec<Declaration> {
    let prefix = prefix.to_string();
    let text = file
        .replace("PREFIX", &prefix)
        .replace("UPPER", &prefix.to_ascii_uppercase())
        .replace("REAL", real);
    let blocks = text.trim().split("\n\n");
    blocks
        .map(|block| declaration(block, &prefix, suffix))
        .collect()
}

fn declaration(block: &str, prefix: &str, suffix: &str) -> Declaration {
    let (comment, function) = block.split_once("*/\n").expect("a comment comes first");
    let comment = comment.trim_start_matches("/*").trim();
    let (before, parameters) = function.split_once('(').expect("a function");
    let (output, name) = typed(before);
    let call = name
        .strip_prefix(prefix)
        .and_then(|name| name.strip_prefix('_'));
    let list = parameters.strip_suffix(");").expect("one function");
    let list = list.split(',').filter(|text| *text != "void");
    let list = list.map(|text| {
        let (ty, name) = typed(text);
        Parameter { name, ty }
    });
    Declaration {
        comment: comment.to_owned(),
        prototype: format!("{before}{suffix}({parameters}"),
        module: None,
        call: call.expect("a name with the prefix").to_owned(),
        name: name + suffix,
        parameters: list.collect(),
        output,
    }
}

/// The type and the name in `const float *name` or `float name[LEN]`.
fn typed(text: &str) -> (CType, String) {
    let (text, is_array) = match text.trim().split_once('[') {
        Some((text, _)) => (text, true),
        None => (text.trim(), false),
    };
    let at = text.rfind([' ', '*']).expect("a type and a name") + 1;
    let (ty, name) = text.split_at(at);
    let (ty, access) = match ty.strip_prefix("const ") {
        Some(ty) => (ty, Access::Read),
        None => (ty, Access::Write),
    };
    let pointer = (is_array || ty.ends_with('*')).then_some(access);
    let base = ty.trim_end_matches('*').trim().to_owned();
    (CType { pointer, base }, name.to_owned())
}

impl CType {
    pub(super) fn is_pointer(&self) -> bool {
        self.pointer.is_some()
    }
}

/// The same type in Rust.
impl ToTokens for CType {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let primitive = |name: &str| {
            let name = hygiene::ident(name);
            quote!(::core::primitive::#name)
        };
        let base = match self.base.as_str() {
            "float" => primitive("f32"),
            "double" => primitive("f64"),
            "size_t" => primitive("usize"),
            "uint64_t" => primitive("u64"),
            "int32_t" => primitive("i32"),
            "char" => quote!(::core::ffi::c_char),
            "void" => quote!(::core::ffi::c_void),
            other => panic!("the type `{other}` has no counterpart"),
        };
        tokens.extend(match self.pointer {
            None => base,
            Some(Access::Read) => quote!(*const #base),
            Some(Access::Write) => quote!(*mut #base),
        });
    }
}
