//! `export_c!(MatExp, prefix = matexp)`: functions of a C interface, and the text of their header.
//!
//! The functions are declared in C, in the files `export/*.h`; `declaration` reads them, so that header and functions cannot differ.

mod declaration;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Type;

use self::declaration::Declaration;
use crate::error::{Errors, found};
use crate::hygiene::{self, quote_mixed};
use crate::keywords;
use crate::split::{self, is_punct};

const EXAMPLE: &str = "write `export_c!(MatExp, prefix = matexp)`";
const OPTIONS: &[&str] = &["prefix", "fit", "xla"];

/// The expansion of `tokens` in `$crate; tokens`.
pub(crate) fn export(krate: &Ident, tokens: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let arguments = Arguments::parse(&mut errors, tokens);
    let (Some(chain), Some(prefix), true) =
        (&arguments.chain, &arguments.prefix, errors.is_empty())
    else {
        return errors.to_compile_errors().into_iter().collect();
    };
    expand(krate, chain, prefix, &arguments)
}

/// What is exported; `None` if it is missing or wrong.
struct Arguments {
    chain: Option<Type>,
    prefix: Option<Ident>,
    /// Training too.
    fit: bool,
    /// Handlers for XLA too.
    xla: bool,
}

impl Arguments {
    fn parse(errors: &mut Errors, tokens: TokenStream) -> Self {
        let group = Group::new(Delimiter::Parenthesis, tokens);
        let arguments = split::arguments(errors, &group);
        let mut arguments = arguments.into_iter().peekable();
        let is_option =
            |argument: &Vec<TokenTree>| argument.get(1).is_some_and(|sign| is_punct(sign, '='));
        let mut this = Self {
            chain: None,
            prefix: None,
            fit: false,
            xla: false,
        };
        match arguments.next_if(|argument| !is_option(argument)) {
            Some(argument) => this.chain = chain(errors, argument),
            None => {
                let at = arguments.peek().map(|option| option[0].clone());
                errors.report(
                    at,
                    "`export_c!` starts with a chain, which is missing",
                    EXAMPLE,
                );
            }
        }
        let mut given = false;
        for argument in arguments {
            match argument.as_slice() {
                [TokenTree::Ident(name), sign, value @ ..] if is_punct(sign, '=') => {
                    if name == "fit" || name == "xla" {
                        let flag = flag(errors, name, value);
                        match name == "fit" {
                            true => this.fit = flag,
                            false => this.xla = flag,
                        }
                        continue;
                    }
                    if name != "prefix" {
                        let message = format!("unknown option `{name}` of `export_c!`");
                        let help = keywords::option_help(&name.to_string(), OPTIONS);
                        errors.report(name, &message, &help);
                        given |= keywords::nearest(&name.to_string(), OPTIONS, &[]).is_some();
                        continue;
                    }
                    if given {
                        errors.report(name, "`prefix` is given twice", "remove one of the two");
                    }
                    given = true;
                    this.prefix = prefix(errors, name, value);
                }
                [first, ..] => {
                    let message = format!("expected an option, but found {}", found(first));
                    errors.report(first, &message, EXAMPLE);
                    given = true;
                }
                [] => {}
            }
        }
        if let (false, Some(chain)) = (given, &this.chain) {
            let message = "`export_c!` needs the prefix of the functions' names";
            errors.report(chain, message, EXAMPLE);
        }
        this
    }
}

fn chain(errors: &mut Errors, tokens: Vec<TokenTree>) -> Option<Type> {
    let tokens: TokenStream = tokens.into_iter().collect();
    let parsed: syn::Result<Type> = syn::parse2(tokens.clone());
    if !matches!(parsed, Ok(Type::Path(_))) {
        errors.report(tokens, "expected the type of a chain", EXAMPLE);
        return None;
    }
    parsed.ok()
}

/// A prefix: what C takes for the beginning of a name.
fn prefix(errors: &mut Errors, name: &Ident, value: &[TokenTree]) -> Option<Ident> {
    let help = "a prefix has the letters, digits and underscores of a name in C, and begins with a letter: `prefix = matexp`";
    match value {
        [TokenTree::Ident(prefix)] => {
            let text = prefix.to_string();
            let is_letter = |first: char| first.is_ascii_alphabetic();
            let is_part = |part: char| part.is_ascii_alphanumeric() || part == '_';
            if text.starts_with(is_letter) && text.chars().all(is_part) {
                return Some(prefix.clone());
            }
            errors.report(
                prefix,
                &format!("`{text}` is no prefix of names in C"),
                help,
            );
        }
        [] => errors.report(name, "`prefix` has no value", help),
        [first, ..] => {
            let message = format!("a prefix is a name, not {}", found(first));
            let value: TokenStream = value.iter().cloned().collect();
            errors.report(value, &message, help);
        }
    }
    None
}

fn flag(errors: &mut Errors, name: &Ident, value: &[TokenTree]) -> bool {
    match value {
        [TokenTree::Ident(value)] if value == "true" => true,
        [TokenTree::Ident(value)] if value == "false" => false,
        _ => {
            let help = format!("write `{name} = true`, or leave it out");
            errors.report(name, &format!("`{name}` is `true` or `false`"), &help);
            false
        }
    }
}

fn expand(krate: &Ident, chain: &Type, prefix: &Ident, options: &Arguments) -> TokenStream {
    let lib = quote!(#krate::__private);
    // Its type is opaque, so that a type that is not a chain is one error, not one for every function.
    let value = format_ident!("{prefix}_chain");
    let mut declarations = Vec::new();
    let mut declare = |file, real, suffix| {
        declarations.extend(declaration::declarations(file, prefix, real, suffix));
    };
    declare(include_str!("export/chain.h"), "", "");
    for (real, suffix) in [("float", ""), ("double", "_f64")] {
        declare(include_str!("export/numbers.h"), real, suffix);
        if options.fit {
            declare(include_str!("export/fit.h"), real, suffix);
        }
    }
    if options.xla {
        declare(include_str!("export/xla.h"), "", "");
    }
    let functions = declarations
        .iter()
        .map(|declaration| function(&lib, declaration, prefix.span(), &value));
    let header: String = declarations
        .iter()
        .map(|declaration| &*declaration.text)
        .collect();
    let header_name = format_ident!("{prefix}_header");
    let prefix = prefix.to_string();
    quote_mixed! {
        #(#functions)*

        /// The header of the functions above, for C and C++.
        #[must_use]
        #[allow(unreachable_pub)]
        pub fn #header_name() -> ::std::string::String {
            #lib::c::header(#value(), #prefix, #header)
        }

        #[inline(always)]
        fn #value() -> impl #lib::Chain {
            <#chain as #lib::Network>::CHAIN
        }
    }
}

/// A function that calls the library.
fn function(
    lib: &TokenStream,
    declaration: &Declaration,
    span: Span,
    chain: &Ident,
) -> TokenStream {
    let Declaration {
        name,
        call,
        doc,
        parameters,
        output,
        ..
    } = declaration;
    let name = Ident::new(name, span);
    // `xla_forward` is `forward` of the module `xla`.
    let path: Vec<Ident> = match call.strip_prefix("xla_") {
        Some(call) => vec![hygiene::ident("xla"), hygiene::ident(call)],
        None => vec![hygiene::ident(call)],
    };
    let names: Vec<Ident> = (parameters.iter())
        .map(|parameter| hygiene::ident(&parameter.name))
        .collect();
    let types = parameters.iter().map(|parameter| &parameter.ty);
    let call = quote_mixed!(#lib::c::#(#path)::*(#chain(), #(#names),*));
    // Without pointers nothing is unsafe.
    let (unsafety, body, safety) = if parameters.iter().any(|parameter| parameter.ty.is_pointer()) {
        let safety = quote_mixed! {
            ///
            /// # Safety
            /// The rules of the module `simplechain::c`.
        };
        (
            Some(quote!(unsafe)),
            quote_mixed!(unsafe { #call }),
            Some(safety),
        )
    } else {
        (None, call, None)
    };
    quote_mixed! {
        #[doc = #doc]
        #safety
        #[allow(unreachable_pub, unsafe_code, clippy::too_many_arguments, clippy::undocumented_unsafe_blocks)]
        #[unsafe(no_mangle)]
        pub #unsafety extern "C" fn #name(#(#names: #types),*) -> #output {
            #body
        }
    }
}
