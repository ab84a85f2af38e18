//! Prints what the microcontroller should print.
//!
//! ```text
//! expected [tier]      in the tier `scalar`, whose bits are those of all tiers with fused multiply-adds
//! ```

fn main() {
    let mut lines = String::new();
    #[cfg(feature = "std")]
    {
        let tier = std::env::args().nth(1).unwrap_or("scalar".to_owned());
        let tier: simplechain::Tier = tier.parse().expect("a tier");
        let write = || {
            simplechain_cortex_m::write_results(&mut lines)?;
            simplechain_cortex_m::write_training(&mut lines)
        };
        tier.with(write)
            .expect("a tier of this CPU")
            .expect("a string takes all");
    }
    #[cfg(not(feature = "std"))]
    simplechain_cortex_m::write_results(&mut lines).expect("a string takes all");
    print!("{lines}");
}
