//! What is exported, and under which name: `MatExp, prefix = matexp`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Type;

use crate::error::{Errors, found};
use crate::keywords;
use crate::split::{self, is_punct};

/// A macro with these arguments.
pub(super) struct Form {
    /// Its name.
    pub(super) name: &'static str,
    /// Its option.
    pub(super) option: &'static str,
    /// What the option is.
    pub(super) noun: &'static str,
    /// What it is for.
    pub(super) purpose: &'static str,
    /// A call.
    pub(super) example: &'static str,
}

/// The arguments; `None` if one is missing or wrong.
pub(super) struct Arguments {
    pub(super) chain: Option<Type>,
    pub(super) value: Option<Ident>,
}

impl Form {
    fn help(&self) -> String {
        format!("write `{}`", self.example)
    }

    pub(super) fn parse(&self, errors: &mut Errors, tokens: TokenStream) -> Arguments {
        let group = Group::new(Delimiter::Parenthesis, tokens);
        let arguments = split::arguments(errors, &group);
        let mut arguments = arguments.into_iter().peekable();
        let is_option =
            |argument: &Vec<TokenTree>| argument.get(1).is_some_and(|sign| is_punct(sign, '='));
        let mut this = Arguments {
            chain: None,
            value: None,
        };
        match arguments.next_if(|argument| !is_option(argument)) {
            Some(argument) => this.chain = self.chain(errors, argument),
            None => {
                let at = arguments.peek().map(|option| option[0].clone());
                let message = format!("`{}!` starts with a chain, which is missing", self.name);
                errors.report(at, &message, &self.help());
            }
        }
        let mut given = false;
        for argument in arguments {
            match argument.as_slice() {
                [TokenTree::Ident(name), sign, value @ ..] if is_punct(sign, '=') => {
                    if name != self.option {
                        let message = format!("unknown option `{name}` of `{}!`", self.name);
                        let (name, options) = (name.to_string(), [self.option]);
                        errors.report(
                            &argument[0],
                            &message,
                            &keywords::option_help(&name, &options),
                        );
                        given |= keywords::nearest(&name, &options, &[]).is_some();
                        continue;
                    }
                    if given {
                        let message = format!("`{name}` is given twice");
                        errors.report(name, &message, "remove one of the two");
                    }
                    given = true;
                    this.value = self.value(errors, name, value);
                }
                [first, ..] => {
                    let message = format!("expected an option, but found {}", found(first));
                    errors.report(first, &message, &self.help());
                    given = true;
                }
                [] => {}
            }
        }
        if let (false, Some(chain)) = (given, &this.chain) {
            let message = format!("`{}!` needs {}", self.name, self.purpose);
            errors.report(chain, &message, &self.help());
        }
        this
    }

    fn chain(&self, errors: &mut Errors, tokens: Vec<TokenTree>) -> Option<Type> {
        let tokens: TokenStream = tokens.into_iter().collect();
        let parsed: syn::Result<Type> = syn::parse2(tokens.clone());
        if !matches!(parsed, Ok(Type::Path(_))) {
            errors.report(tokens, "expected the type of a chain", &self.help());
            return None;
        }
        parsed.ok()
    }

    /// What C takes for a name, and is not reserved there.
    fn value(&self, errors: &mut Errors, option: &Ident, value: &[TokenTree]) -> Option<Ident> {
        let help = format!(
            "it has the letters, digits and underscores of a name in C, and begins with a letter: `{option} = matexp`"
        );
        match value {
            [TokenTree::Ident(value)] => {
                let text = value.to_string();
                let is_letter = |first: char| first.is_ascii_alphabetic();
                let is_part = |part: char| part.is_ascii_alphanumeric() || part == '_';
                if text.starts_with(is_letter) && text.chars().all(is_part) {
                    return Some(value.clone());
                }
                errors.report(value, &format!("`{text}` is no {} in C", self.noun), &help);
            }
            [] => errors.report(option, &format!("`{option}` has no value"), &help),
            [first, ..] => {
                let message = format!("a {option} is a word, not {}", found(first));
                let value: TokenStream = value.iter().cloned().collect();
                errors.report(value, &message, &help);
            }
        }
        None
    }
}
