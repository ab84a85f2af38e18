//! Every function that a kernel may call is `#[inline(always)]`.
//!
//! A kernel is entered inside a function compiled for a tier's instructions. What is not put in line there is compiled for the
//! baseline CPU, passes its vectors over memory, and is tens of times slower, and no number is wrong. So the sources are read:
//! a function belongs to a kernel if it, or the `impl` or `trait` it stands in, is generic over a `Simd`, if it is a method of one of
//! the [`TRAITS`], or if it stands in `simd/` or `kernels/`. The bodies of `macro_rules!` are read as if they were written out once.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::WherePredicate;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, FnArg, GenericParam, Generics, Signature, TypeParamBound};

/// Traits whose methods are parts of kernels.
const TRAITS: [&str; 8] = [
    "Activation",
    "ActivationGrad",
    "Elementary",
    "Kernel",
    "Math",
    "NullaryFnOnce",
    "Simd",
    "SampleSeed",
];

/// Functions that are not in line, and why.
const OTHERS: &[(&str, &str)] = &[
    ("simd/peak.rs::fma_peak_gflops", "enters a tier"),
    ("simd/number.rs::dispatch_batch", "enters a tier"),
    ("simd/real.rs::dispatch_batch_in", "enters a tier"),
    ("simd/real.rs::dispatch_sample", "enters a tier"),
    ("simd/real.rs::add_assign_in", "enters a tier"),
    ("simd/taylor.rs::add_assign_in", "enters a tier"),
    ("simd/slices.rs::all_finite", "enters a tier"),
    ("simd/sse2.rs::vectorize", "is the function of a kernel"),
    ("simd/wasm.rs::vectorize", "is the function of a kernel"),
    ("simd/slices.rs::first_not_finite", "is called by no kernel"),
    ("simd/taylor.rs::dispatch_batch_in", "enters a tier"),
    ("simd/taylor.rs::dispatch_sample", "enters a tier"),
    ("simd/aligned.rs::boxed", "memory of a user"),
];

/// What chooses the tier is called by no kernel.
const CHOICE: [&str; 3] = ["simd/dispatch.rs", "simd/forced.rs", "simd/tiers.rs"];

/// Whether one of the bounds is a `Simd<..>`.
fn is_simd<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> bool {
    bounds.into_iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().unwrap().ident == "Simd",
        _ => false,
    })
}

fn over_simd(generics: &Generics) -> bool {
    let params = generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => is_simd(&param.bounds),
        _ => false,
    });
    let predicates = generics.where_clause.iter().flat_map(|c| &c.predicates);
    let mut predicates = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Type(predicate) => Some(&predicate.bounds),
        _ => None,
    });
    params || predicates.any(is_simd)
}

fn takes_simd(signature: &Signature) -> bool {
    let mut types = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(&*input.ty),
        FnArg::Receiver(_) => None,
    });
    over_simd(&signature.generics)
        || types.any(|ty| matches!(ty, syn::Type::ImplTrait(ty) if is_simd(&ty.bounds)))
}

fn is_inlined(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("inline")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|how| how == "always")
    })
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|a| a.path().is_ident("test") || a.path().is_ident("cfg") && is_cfg_test(a))
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute
        .parse_args::<syn::Ident>()
        .is_ok_and(|what| what == "test")
}

/// Whether a body enters a tier itself: what it hands over is in line there, as a method of `NullaryFnOnce`.
fn enters_tier(block: &Block) -> bool {
    struct Calls(bool);
    impl<'ast> Visit<'ast> for Calls {
        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            self.0 |= call.method == "vectorize";
            visit::visit_expr_method_call(self, call);
        }
    }
    let mut calls = Calls(false);
    calls.visit_block(block);
    calls.0
}

/// Macro bodies as they are written, with `$x` as `x` and what repeats once. `$inline` is an attribute that is given by whoever uses
/// the macro: of the scalar tier, which is that of the baseline CPU, the methods are not in line.
fn written_out(tokens: TokenStream) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => {
                let Some(TokenTree::Group(repeated)) = tokens.peek() else {
                    let inline = |token: &TokenTree| token.to_string() == "inline";
                    if tokens.next_if(inline).is_some() {
                        out.extend("inline(always)".parse::<TokenStream>().unwrap());
                    }
                    continue;
                };
                // What is nothing but arguments stands where they are given.
                if repeated.stream().into_iter().count() > 2 {
                    out.extend(written_out(repeated.stream()));
                }
                tokens.next();
                // A separator, if any, and how often.
                while let Some(TokenTree::Punct(punct)) = tokens.next() {
                    if matches!(punct.as_char(), '*' | '+' | '?') {
                        break;
                    }
                    out.push(punct.into());
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), written_out(group.stream()));
                inner.set_span(group.span());
                out.push(inner.into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

/// The functions of a file.
struct Functions<'a> {
    file: &'a str,
    /// Whether what is around belongs to kernels.
    around: bool,
    /// Functions that belong to kernels.
    found: usize,
    faults: Vec<String>,
    unread: Vec<String>,
    allowed: Vec<String>,
}

impl Functions<'_> {
    fn function(&mut self, attributes: &[Attribute], signature: &Signature, block: &Block) {
        // What is `const` computes sizes.
        if !(self.around || takes_simd(signature)) || signature.constness.is_some() {
            return;
        }
        self.found += 1;
        if is_inlined(attributes) || enters_tier(block) {
            return;
        }
        let name = format!("{}::{}", self.file, signature.ident);
        if OTHERS.iter().any(|(other, _)| *other == name) {
            self.allowed.push(name);
        } else {
            let line = signature.ident.span().start().line;
            self.faults
                .push(format!("{}:{line}: fn {}", self.file, signature.ident));
        }
    }

    fn within(&mut self, belongs: bool, visit: impl FnOnce(&mut Self)) {
        let around = self.around;
        self.around |= belongs;
        visit(self);
        self.around = around;
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if is_test(&function.attrs) {
            return;
        }
        self.function(&function.attrs, &function.sig, &function.block);
        self.within(takes_simd(&function.sig), |this| {
            visit::visit_item_fn(this, function);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = item.trait_.as_ref().map(|(path, _)| {
            let path: &syn::Path = path;
            path.segments.last().unwrap().ident.to_string()
        });
        let is_kernel = of.is_some_and(|of| TRAITS.contains(&&*of));
        self.within(is_kernel || over_simd(&item.generics), |this| {
            visit::visit_item_impl(this, item);
        });
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let is_kernel = TRAITS.contains(&&*item.ident.to_string());
        self.within(is_kernel || over_simd(&item.generics), |this| {
            visit::visit_item_trait(this, item);
        });
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.function(&function.attrs, &function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.function(&function.attrs, &function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if !item.mac.path.is_ident("macro_rules") {
            for token in item.mac.tokens.clone() {
                if let TokenTree::Group(methods) = token
                    && methods.stream().to_string().contains("fn ")
                {
                    let methods = syn::parse2(quote_impl(methods.stream()));
                    visit::visit_item_impl(self, &methods.expect("methods"));
                }
            }
            return;
        }
        let mut tokens = item.mac.tokens.clone().into_iter();
        while let Some(token) = tokens.next() {
            // `(pattern) => { body };`
            let TokenTree::Punct(arrow) = token else {
                continue;
            };
            if arrow.as_char() != '>' {
                continue;
            }
            let Some(TokenTree::Group(body)) = tokens.next() else {
                continue;
            };
            let name = item.ident.as_ref().map(ToString::to_string);
            if !body.stream().to_string().contains("fn ") {
                continue;
            }
            let text = written_out(body.stream());
            let block =
                TokenStream::from(TokenTree::Group(Group::new(Delimiter::Brace, text.clone())));
            let methods = quote_impl(text.clone());
            if let Ok(file) = syn::parse2::<syn::File>(text) {
                self.visit_file(&file);
            } else if let Ok(methods) = syn::parse2::<syn::ItemImpl>(methods) {
                visit::visit_item_impl(self, &methods);
            } else if let Ok(block) = syn::parse2::<Block>(block) {
                self.visit_block(&block);
            } else {
                self.unread
                    .push(format!("{}: {}!", self.file, name.unwrap_or_default()));
            }
        }
    }
}

/// `impl Methods { .. }`
fn quote_impl(methods: TokenStream) -> TokenStream {
    let mut tokens: TokenStream = "impl Methods".parse().unwrap();
    tokens.extend([TokenTree::Group(Group::new(Delimiter::Brace, methods))]);
    tokens
}

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

#[test]
fn kernels_are_in_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simplechain-runtime/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut found, mut faults, mut unread, mut allowed) = (0, vec![], vec![], vec![]);
    for path in files {
        let file = path.strip_prefix(&root).unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).expect("a source");
        let mut functions = Functions {
            file,
            around: (file.starts_with("simd/") || file.starts_with("kernels/"))
                && !CHOICE.contains(&file),
            found: 0,
            faults: Vec::new(),
            unread: Vec::new(),
            allowed: Vec::new(),
        };
        functions.visit_file(&syn::parse_file(&text).expect("Rust"));
        found += functions.found;
        faults.append(&mut functions.faults);
        unread.append(&mut functions.unread);
        allowed.append(&mut functions.allowed);
    }
    assert!(unread.is_empty(), "macros that are not read: {unread:#?}");
    assert!(
        faults.is_empty(),
        "these are parts of kernels and not `#[inline(always)]`, of {found}:\n{}",
        faults.join("\n")
    );
    assert!(found > 500, "{found} functions of kernels");
    for (other, _) in OTHERS {
        assert!(allowed.iter().any(|name| name == other), "{other} is gone");
    }
}
