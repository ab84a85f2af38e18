//! Nothing but epochs: for a look at the instructions.

fn main() {
    println!("{}", simplechain_test_targets::epochs(3));
}
