//! `export_c!`: its errors with their places, and the functions that it writes.

use proc_macro2::TokenStream;
use quote::quote;

use super::errors::errors;
use crate::pipeline;

fn expand(arguments: &str) -> TokenStream {
    let tokens: TokenStream = arguments.parse().expect("the test is made of tokens");
    pipeline::export_c(quote!(simplechain; #tokens))
}

/// The text that each error points at, and its message without the help.
fn shown(arguments: &str) -> Vec<(String, String)> {
    let errors = errors(expand(arguments)).into_iter();
    let shown = errors.map(|(place, text)| {
        let text = text.lines().next().expect("a message").to_owned();
        (place.source_text().unwrap_or_default(), text)
    });
    shown.collect()
}

#[test]
fn errors_point_at_the_token() {
    let no_prefix = "`export_c!` needs the prefix of the functions' names";
    let no_chain = "`export_c!` starts with a chain, which is missing";
    for (arguments, at, message) in [
        ("MatExp", "MatExp", no_prefix),
        ("a::Net<3>", "a::Net<3>", no_prefix),
        ("prefix = net", "prefix", no_chain),
        (
            "Net, prefix",
            "prefix",
            "expected an option, but found `prefix`",
        ),
        ("Net, prefix =", "prefix", "`prefix` has no value"),
        (
            "Net, prefix = \"net\"",
            "\"net\"",
            "a prefix is a word, not `\"net\"`",
        ),
        ("Net, prefix = a::b", "a::b", "a prefix is a word, not `a`"),
        (
            "Net, prefix = _net",
            "_net",
            "`_net` is no prefix of names in C",
        ),
        (
            "Net, prefix = r#fn",
            "r#fn",
            "`r#fn` is no prefix of names in C",
        ),
        (
            "Net, prefix = größe",
            "größe",
            "`größe` is no prefix of names in C",
        ),
        (
            "Net, prefx = net",
            "prefx",
            "unknown option `prefx` of `export_c!`",
        ),
        (
            "Net, prefix = a, prefix = b",
            "prefix",
            "`prefix` is given twice",
        ),
        (
            "[f32; 3], prefix = net",
            "[f32; 3]",
            "expected the type of a chain",
        ),
        (
            "Net, prefix = net, f64 = true",
            "f64",
            "unknown option `f64` of `export_c!`",
        ),
        (
            "Net,, prefix = net",
            ",",
            "an argument is missing before this `,`",
        ),
    ] {
        let expected = (at.to_owned(), message.to_owned());
        assert_eq!(shown(arguments), [expected], "{arguments}");
    }
    assert_eq!(shown("")[0].1, no_chain);
}

/// The other macro has the same grammar with another option.
#[test]
fn errors_of_casadi() {
    let tokens: TokenStream = "Net, prefix = net".parse().expect("tokens");
    let found = errors(pipeline::export_casadi(quote!(simplechain; #tokens)));
    let texts: Vec<&str> = found.iter().map(|(_, text)| &**text).collect();
    let unknown = "unknown option `prefix` of `export_casadi!`\nhelp: the only option is `name`";
    let missing = "`export_casadi!` needs the name of the function\nhelp: write `export_casadi!(MatExp, name = matexp)`";
    assert_eq!(texts, [unknown, missing]);
}

/// The signatures of an expansion, as rustc sees them.
fn signatures(tokens: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(tokens).expect("items");
    let functions = file.items.into_iter().map(|item| match item {
        syn::Item::Fn(function) => function.sig,
        other => panic!("not a function: {}", quote!(#other)),
    });
    functions
        .map(|signature| {
            let text = quote!(#signature).to_string();
            let text = text
                .replace(":: core :: primitive :: ", "")
                .replace(":: core :: ffi :: ", "");
            text.replace(" * ", " *")
                .replace("* const", "*const")
                .replace("* mut", "*mut")
        })
        .collect()
}

#[test]
fn functions_of_fit_and_xla() {
    let fit = signatures(pipeline::export_fit(quote!(simplechain; Net, prefix = net)));
    assert_eq!(fit.len(), 3);
    for (name, real) in [("net_fit", "f32"), ("net_fit_f64", "f64")] {
        let start = format!("unsafe extern \"C\" fn {name} (xs : *const {real} , targets");
        assert!(
            fit.iter().any(|found| found.starts_with(&start)),
            "{fit:#?}"
        );
    }
    let xla = pipeline::export_xla(quote!(simplechain; Net, prefix = net));
    let call = "simplechain :: __private :: c :: xla :: second (net_xla_chain ()";
    assert!(xla.to_string().contains(call), "{xla}");
    let xla = signatures(xla);
    assert_eq!(xla.len(), 9 + 1);
    let expected =
        "unsafe extern \"C\" fn net_xla_forward (call_frame : *mut c_void) -> *mut c_void";
    assert!(xla.iter().any(|found| found == expected), "{xla:#?}");
    let [(_, text)] = &errors(pipeline::export_xla(quote!(simplechain; Net)))[..] else {
        panic!("one error");
    };
    assert!(
        text.contains("write `export_xla!(MatExp, prefix = matexp)`"),
        "{text}"
    );
}

#[test]
fn functions() {
    let signatures = signatures(expand("Net, prefix = net"));
    let (sizes, calls) = (5, 10);
    assert_eq!(signatures.len(), sizes + 2 * calls + 2);
    for expected in [
        "extern \"C\" fn net_param_count () -> usize",
        "extern \"C\" fn net_fingerprint () -> u64",
        "extern \"C\" fn net_message (code : i32) -> *const c_char",
        "unsafe extern \"C\" fn net_init_f64 (seed : u64 , params : *mut f64 , params_len : usize) -> i32",
        "unsafe extern \"C\" fn net_forward (x : *const f32 , params : *const f32 , y : *mut f32) -> i32",
        "unsafe extern \"C\" fn net_forward_batch_f64 (xs : *const f64 , params : *const f64 , samples : usize , ys : *mut f64) -> i32",
        "fn net_header () -> :: std :: string :: String",
    ] {
        assert!(
            signatures.iter().any(|found| found == expected),
            "{expected} is not in {signatures:#?}"
        );
    }
}
