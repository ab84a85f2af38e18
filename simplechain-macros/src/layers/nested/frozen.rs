//! `frozen(layer => ..)`: layers that are not trained.

use super::{branches, parse_one, plan};
use crate::checker::Checker;
use crate::ir::NestedKind;
use crate::layers::{At, Call, ChainAst, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::shape::Shape;

pub(in crate::layers) const FROZEN: Entry = Entry {
    word: "frozen",
    aliases: &["freeze"],
    options: &[],
    example: "frozen(dense(tanh, 8))",
    parse: Parse::Tokens(parse),
};

struct ParsedFrozen {
    /// Exactly one, otherwise that is reported.
    chains: Vec<ChainAst>,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    let chains = parse_one(parser, call);
    Box::new(ParsedFrozen { chains })
}

impl ParsedLayer for ParsedFrozen {
    fn needs(&self) -> Form {
        Form::Any
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let branches = branches(checker, at, input?, &self.chains)?;
        *output = Some(branches[0].output.clone());
        Some(plan(at, NestedKind::Frozen, branches))
    }
}
