//! Whatever the tokens are, the macro answers with tokens and does not panic.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::pipeline;

/// Between them they have every construct of the language, right and wrong.
const SEEDS: &[&str] = &[
    "#[doc = \"x\"] pub(crate) struct Net: 4 => dense(tanh, 32, bias = false) => dense(id, N) => 4; B: 2 => dense(sin, 1);",
    "< (28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => flatten => dense(leaky_relu(0.01), 84) >",
    "crate::N => dense(my::Act::<A, 3>::new(-0.5), 2 * M) -> dens(Snake { a: 1.0 }, 4usize), tanh => => 0x10",
    "struct type<T> { 4u8 => dense[\"tanh\", 99999999999999999999] } | - :: <> => ? $ 'a' 'b 1e999 leaky_relu(1e999)",
];

/// A small generator (xorshift), so that a failure can be had again.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).expect("below a usize")
    }
}

fn tokens(text: &str) -> Vec<TokenTree> {
    let stream: TokenStream = text.parse().expect("a seed is made of tokens");
    stream.into_iter().collect()
}

/// Takes away, repeats, swaps or replaces a few tokens, here and inside of groups.
fn mutate(random: &mut Random, tokens: Vec<TokenTree>, all: &[TokenTree]) -> Vec<TokenTree> {
    let mut mutated: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let token = match token {
            TokenTree::Group(group) if random.below(3) == 0 => {
                let inside = mutate(random, group.stream().into_iter().collect(), all);
                let delimiters = [
                    group.delimiter(),
                    Delimiter::Parenthesis,
                    Delimiter::Bracket,
                    Delimiter::Brace,
                    Delimiter::None,
                ];
                let delimiter = delimiters[random.below(delimiters.len())];
                Group::new(delimiter, inside.into_iter().collect()).into()
            }
            token => token,
        };
        match random.below(24) {
            0 => {}
            1 => mutated.extend([token.clone(), token]),
            2 => mutated.extend([all[random.below(all.len())].clone(), token]),
            3 => mutated.push(all[random.below(all.len())].clone()),
            4 => mutated.insert(random.below(mutated.len()), token),
            _ => mutated.push(token),
        }
    }
    mutated
}

/// Tokens of a chain to the text of what they become; rustc would read it again.
fn expand(tokens: &[TokenTree]) -> String {
    let tokens = tokens.iter();
    pipeline::simple_chain(quote!(simplechain; #(#tokens)*)).to_string()
}

#[test]
fn cut_off_anywhere() {
    for seed in SEEDS {
        let tokens = tokens(seed);
        for len in 0..tokens.len() {
            for start in 0..len {
                expand(&tokens[start..len]);
            }
        }
    }
}

#[test]
fn mutated_at_random() {
    let all: Vec<TokenTree> = SEEDS.iter().flat_map(|seed| tokens(seed)).collect();
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    for round in 0..3_000 {
        let seed = tokens(SEEDS[round % SEEDS.len()]);
        let once = mutate(&mut random, seed, &all);
        let twice = mutate(&mut random, once, &all);
        let text = expand(&twice);
        assert!(text.parse::<TokenStream>().is_ok(), "{text}");
    }
}

#[test]
fn without_its_wrapper() {
    for tokens in [quote!(), quote!(4 => dense(id, 4)), quote!(simplechain)] {
        let text = pipeline::simple_chain(tokens).to_string();
        assert!(text.contains("call `simplechain::simple_chain!`"), "{text}");
    }
}

/// What Rust's own words are replaced for here is a word of the language, a size, a constant, a type or a name.
const RIGHT: &[&str] = &[
    "Net: 4 => dense(tanh, N) => activation(leaky_relu(SLOPE)) => fourier(K, period = P) => normalize(MEAN, STD) => OUT",
    "(H, 28, 1) => conv(relu, (K, 3), C, stride = S, padding = same, groups = G, bias = false) => maxpool(W, 2) => flatten",
    "4 => residual(dense(Cube, 4) => dropout(RATE)) => concat(chain(Encoder), layer(Double)) => frozen(layer_norm)",
];

/// The tokens with word number `at` replaced by `keyword`; `at` counts down.
fn replaced(tokens: TokenStream, at: &mut Option<usize>, keyword: &TokenTree) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Group(group) => {
            let inside = replaced(group.stream(), at, keyword);
            Group::new(group.delimiter(), inside).into()
        }
        TokenTree::Ident(_) if *at == Some(0) => {
            *at = None;
            keyword.clone()
        }
        TokenTree::Ident(_) => {
            *at = at.map(|at| at - 1);
            token
        }
        token => token,
    };
    tokens.into_iter().map(replace).collect()
}

fn contains(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => contains(group.stream(), word),
        token => token.to_string() == word,
    })
}

/// Rust's own words are reported by the macro, and rustc sees nothing of them.
#[test]
fn keywords_in_the_place_of_words() {
    for text in RIGHT {
        for keyword in [
            "crate", "super", "self", "Self", "fn", "as", "in", "_", "move", "dyn", "where",
        ] {
            let keyword_token = tokens(keyword).remove(0);
            for word in 0.. {
                let mut at = Some(word);
                let chain = replaced(text.parse().expect("tokens"), &mut at, &keyword_token);
                if at.is_some() {
                    break;
                }
                let expansion = pipeline::simple_chain(quote!(simplechain; #chain));
                assert!(contains(expansion.clone(), "compile_error"), "{chain}");
                // These are no part of what the macro writes.
                if ["crate", "super", "where", "move", "dyn"].contains(&keyword) {
                    assert!(!contains(expansion, keyword), "{chain}");
                }
            }
        }
    }
}
