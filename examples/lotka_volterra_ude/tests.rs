use simplechain::prelude::*;

use super::species::{Data, Net};
use super::{adam, lbfgs, off};

#[test]
fn the_terms_are_recovered() {
    let data = Data::new(0.005, &mut rng(0)).unwrap();
    let mut params = Net.init::<f64>(&mut rng(1));
    adam(data.pieces(1e-6).unwrap(), &mut params, 500).unwrap();
    let before = off(&params).unwrap();
    let minimum = lbfgs(data.whole(1e-6).unwrap(), &mut params, 500).unwrap();
    let after = off(&params).unwrap();
    assert!(minimum.value < 5e-3, "{minimum:?}");
    assert!(after < 0.1 && after < before, "{before} {after}");
}
