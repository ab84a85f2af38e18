//! Invocations of the macro out of the fuzzer's bytes, and bytes that give many different ones.
//!
//! Bytes are the text of an invocation; or after a byte 0 a soup of words, one a byte; or changes: after a byte 1 of one of
//! [`CHAINS`], after 2 or 3 of a chain that is drawn from the bytes.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::bytes::Bytes;
use crate::random_chains::chain;

/// Between them they have every construct of the language, right and wrong.
const CHAINS: &[&str] = &[
    "#[doc = \"x\"] pub(crate) struct Net: 4 => dense(tanh, 32, bias = false) => dense(id, N) => 4; B: 2 => dense(sin, 1);",
    "(28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => flatten => dense(leaky_relu(0.01), 84) => dropout(0.1)",
    "(H, 28, 2) => conv(relu, (K, 3), C, stride = S, padding = same, groups = G, bias = false) => maxpool(W, 2) => flatten",
    "(16, 4) => conv(relu, 3, 6, padding = 1, groups = 2) => batch_norm => residual(conv(tanh, 3, 6, padding = 1)) => avgpool(2, stride = 1) => global_maxpool",
    "crate::N => dense(my::Act::<A, 3>::new(-0.5), 2 * M) -> dens(Snake { a: 1.0 }, 4usize), tanh => => 0x10",
    "Net: 4 => normalize(MEAN, 2.0) => residual(dense(Cube, 4) => dropout(RATE)) => concat(chain(Encoder), layer(own::Double<5>)) => frozen(layer_norm)",
    "pub struct A: 3 => fourier(2, period = 3.0) => chebyshev(4) => scale(0.5, D) => activation(sin) => rms_norm => standardize => unstandardize",
    "struct type<T> { 4u8 => dense[\"tanh\", 99999999999999999999] } | - :: <> => ? $ 'a' 'b 1e999 leaky_relu(1e999)",
];

/// The words of a soup, by kind.
const KINDS: [&str; 7] = [
    "=> => => , , ; : :: = < > -> - . # $ | & ? ! * + ~ @",
    "0 1 2 3 4 6 28 0.5 1e999 99999999999999999999 4u8 0x10 1_0 -1 'a' 'b \"x\" b\"x\"",
    "r#type pub struct crate self Self super fn where dyn _ as in const unsafe true false",
    "N Net Act T my::Act",
    "same stride padding groups bias period",
    "dense conv maxpool avgpool global_maxpool global_avgpool flatten residual concat frozen chain layer activation dropout
     layer_norm rms_norm batch_norm normalize scale standardize unstandardize fourier chebyshev",
    "id tanh relu sigmoid softplus gelu gelu_tanh silu elu leaky_relu hard_tanh mish softsign sin linear Dense é",
];
const LITERALS: usize = 1;
const NAMES: usize = 3;
const OPTIONS: usize = 4;
const LAYERS: usize = 5;
const ACTIVATIONS: usize = 6;

/// What a byte beyond the words does: groups are opened and closed.
const DELIMITERS: [Delimiter; 4] = [
    Delimiter::Parenthesis,
    Delimiter::Parenthesis,
    Delimiter::Bracket,
    Delimiter::None,
];

/// Words of a soup: each takes the macro some 20 us, and the limit is for what a user might write.
const LONGEST: usize = 1024;

/// The words of all kinds, one after the other, and where each kind is: they are read once, because that takes longer than a soup.
struct Words {
    tokens: Vec<TokenStream>,
    kinds: Vec<Range<usize>>,
}

thread_local! {
    static WORDS: Words = Words::new();
}

impl Words {
    fn new() -> Self {
        let (mut all, mut kinds) = (Vec::new(), Vec::new());
        for kind in KINDS {
            let start = all.len();
            all.extend(kind.split_whitespace().map(tokens));
            kinds.push(start..all.len());
        }
        Self { tokens: all, kinds }
    }
}

/// The invocation of these bytes; `None` if they are not a text of tokens.
pub fn invocation(data: &[u8]) -> Option<TokenStream> {
    Some(match data.split_first() {
        Some((0, words)) => WORDS.with(|all| soup(all, words)),
        Some((1, changes)) => {
            let mut bytes = Bytes(changes);
            let chain = tokens(CHAINS[bytes.below(CHAINS.len())]);
            mutate(&mut bytes, chain)
        }
        Some((form @ (2 | 3), rest)) => {
            let mut bytes = Bytes(rest);
            let chain = drawn(&mut bytes, *form == 2);
            mutate(&mut bytes, tokens(&chain))
        }
        _ => str::from_utf8(data).ok()?.parse().ok()?,
    })
}

/// Whether these bytes are a drawn chain without changes, which the macro must accept.
pub fn is_right(data: &[u8]) -> bool {
    matches!(data, [2 | 3, _, _, _, _])
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("words are made of tokens")
}

/// A word for each byte; what is open at the end is closed.
fn soup(words: &Words, bytes: &[u8]) -> TokenStream {
    let mut open = vec![(Delimiter::None, TokenStream::new())];
    for byte in bytes.iter().take(LONGEST) {
        let byte = usize::from(*byte);
        if let Some(word) = words.tokens.get(byte) {
            open.last_mut()
                .expect("the outermost")
                .1
                .extend(word.clone());
        } else if let Some(delimiter) = DELIMITERS.get((byte - words.tokens.len()) % 8) {
            open.push((*delimiter, TokenStream::new()));
        } else if open.len() > 1 {
            close(&mut open);
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().expect("the outermost").1
}

fn close(open: &mut Vec<(Delimiter, TokenStream)>) {
    let (delimiter, inside) = open.pop().expect("a group");
    let group = Group::new(delimiter, inside);
    open.last_mut()
        .expect("one around it")
        .1
        .extend([TokenTree::from(group)]);
}

/// A chain that is right: as an item after those it is made of, or as an expression.
fn drawn(bytes: &mut Bytes<'_>, item: bool) -> String {
    let mut byte = || u64::from(bytes.byte().unwrap_or(0));
    let (index, seed) = (byte(), byte() << 16 | byte() << 8 | byte());
    let source = chain::source(seed, index);
    match source.rsplit_once("struct Chain: ") {
        Some((_, layers)) if !item => layers.to_owned(),
        _ => source,
    }
}

/// Takes away, repeats, swaps or replaces tokens, here and inside of groups. A byte 0 changes nothing.
fn mutate(bytes: &mut Bytes<'_>, tokens: TokenStream) -> TokenStream {
    if bytes.0.is_empty() {
        return tokens;
    }
    let mut mutated: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let what = bytes.below(64);
        let token = match token {
            TokenTree::Group(group) if what < 32 => {
                let inside = mutate(bytes, group.stream());
                let delimiter = match what {
                    1..=4 => DELIMITERS[what - 1],
                    _ => group.delimiter(),
                };
                Group::new(delimiter, inside).into()
            }
            token => token,
        };
        match what {
            32 => {}
            33 => mutated.extend([token.clone(), token]),
            34..=36 => {
                mutated.extend(word(bytes));
                mutated.push(token);
            }
            37..=40 => mutated.extend(word(bytes)),
            41 => mutated.insert(bytes.below(mutated.len()), token),
            42 => {
                let around = grouped(bytes, &mut mutated);
                mutated.extend([around, token]);
            }
            _ => mutated.push(token),
        }
    }
    mutated.into_iter().collect()
}

fn word(bytes: &mut Bytes<'_>) -> TokenStream {
    WORDS.with(|words| words.tokens[bytes.below(words.tokens.len())].clone())
}

/// What came so far, in a group.
fn grouped(bytes: &mut Bytes<'_>, tokens: &mut Vec<TokenTree>) -> TokenTree {
    let from = bytes.below(tokens.len());
    let inside = tokens.split_off(from);
    Group::new(DELIMITERS[bytes.below(4)], inside.into_iter().collect()).into()
}

/// Bytes for [`invocation`], ten of sixteen times a soup: most inputs shall be small. `below(n)` draws a number below `n`.
pub fn draw(below: &mut dyn FnMut(usize) -> usize) -> Vec<u8> {
    match below(16) {
        0..4 => {
            let mut input = vec![0];
            input.resize_with(1 + below(48), || below(128) as u8);
            input
        }
        4..10 => WORDS.with(|words| Soup::draw(words, below)),
        10..13 => {
            let mut input = vec![1, below(CHAINS.len()) as u8];
            draw_changes(&mut input, below);
            input
        }
        _ => {
            let mut input = vec![2 + below(2) as u8];
            input.resize_with(5, || below(256) as u8);
            if below(4) > 0 {
                draw_changes(&mut input, below);
            }
            input
        }
    }
}

/// From one in a hundred tokens to most of them.
fn draw_changes(input: &mut Vec<u8>, below: &mut dyn FnMut(usize) -> usize) {
    let once_in = [1, 4, 16, 32][below(4)];
    let len = input.len() + 1 + below(256);
    input.resize_with(len, || match below(once_in) {
        0 => below(256) as u8,
        _ => 0,
    });
}

/// A soup in the form of a chain: layers that seldom fit, with arguments that seldom do.
struct Soup<'a> {
    words: &'a Words,
    below: &'a mut dyn FnMut(usize) -> usize,
    bytes: Vec<u8>,
}

impl<'a> Soup<'a> {
    fn draw(words: &'a Words, below: &'a mut dyn FnMut(usize) -> usize) -> Vec<u8> {
        let bytes = vec![0];
        let mut soup = Self {
            words,
            below,
            bytes,
        };
        if soup.once_in(3) {
            soup.kind(NAMES);
            soup.exactly(":");
        }
        match (soup.below)(3) {
            0 => soup.kind(LITERALS),
            rank => soup.group(|soup| soup.list(1 + rank, |soup| soup.kind(LITERALS))),
        }
        soup.layers(0);
        soup.bytes
    }

    fn once_in(&mut self, times: usize) -> bool {
        (self.below)(times) == 0
    }

    /// Some word of a kind, now and then of another.
    fn kind(&mut self, kind: usize) {
        let all = 0..self.words.tokens.len();
        let range = match self.once_in(24) {
            true => all,
            false => self.words.kinds[kind].clone(),
        };
        self.bytes
            .push((range.start + (self.below)(range.len())) as u8);
    }

    /// One word of the first kind.
    fn exactly(&mut self, word: &str) {
        let at = KINDS[0].split_whitespace().position(|other| other == word);
        self.bytes.push(at.expect("a word") as u8);
    }

    fn group(&mut self, inside: impl FnOnce(&mut Self)) {
        let open = self.words.tokens.len() as u8;
        self.bytes.push(open);
        inside(self);
        // Now and then it is open to the end.
        if !self.once_in(32) {
            self.bytes.push(open + DELIMITERS.len() as u8);
        }
    }

    fn list(&mut self, count: usize, item: impl Fn(&mut Self)) {
        for index in 0..count {
            if index > 0 {
                self.exactly(",");
            }
            item(self);
        }
    }

    fn layers(&mut self, depth: usize) {
        for index in 0..1 + (self.below)(4) {
            if depth == 0 || index > 0 {
                self.exactly("=>");
            }
            self.kind(LAYERS);
            match (self.below)(4) {
                0 => {}
                1 if depth < 2 => self.group(|soup| soup.layers(depth + 1)),
                count => self.group(|soup| soup.list(count, Self::argument)),
            }
        }
    }

    fn argument(&mut self) {
        match (self.below)(6) {
            0 | 1 => self.kind(ACTIVATIONS),
            2 | 3 => self.kind(LITERALS),
            4 => self.kind(NAMES),
            _ => {
                self.kind(OPTIONS);
                self.exactly("=");
                self.kind(LITERALS);
            }
        }
    }
}
