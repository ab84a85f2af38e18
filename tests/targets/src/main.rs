//! Prints the hash of the results in each tier of this CPU.

use simplechain::simd::Tier;

fn main() {
    for tier in Tier::available() {
        let (bits, loss) = tier
            .with(|| {
                (
                    simplechain_test_targets::bits(),
                    simplechain_test_targets::epochs(3),
                )
            })
            .expect("an available tier");
        println!("{tier} {bits:016x} {:08x}", loss.to_bits());
    }
}
