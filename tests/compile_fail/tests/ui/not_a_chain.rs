use simplechain::prelude::*;

struct Encoder;

fn parameters<C: Chain>(_: C) -> usize {
    C::PARAM_COUNT
}

fn main() {
    parameters(Encoder);
}
