//! `frozen(layer => ..)`: layers that are not trained.

use super::{parse_one, plan};
use crate::checker::Checker;
use crate::ir::Nested;
use crate::layers::{At, Call, ChainAst, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::shape::Shape;

pub(in super::super) const FROZEN: Entry = Entry {
    word: "frozen",
    aliases: &["freeze"],
    options: &[],
    example: "frozen(dense(tanh, 8))",
    parse: Parse::Tokens(parse),
};

struct ParsedFrozen {
    /// `None` if that is reported.
    chain: Option<ChainAst>,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    let chain = parse_one(parser, call);
    Box::new(ParsedFrozen { chain })
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
        let inner = checker.branch(at.index, 0, input?, self.chain.as_ref()?)?;
        *output = Some(inner.output.clone());
        let param_count = inner.param_count.clone();
        Some(plan(at, param_count, Nested::Frozen(Box::new(inner))))
    }
}
