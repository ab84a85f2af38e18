use simplechain::prelude::*;

use super::pendulum::{Policy, torque_and_slopes};
use super::{Control, train};

#[test]
fn the_pendulum_is_held() {
    let mut params = Policy.init::<f32>(&mut rng(0));
    let (first, last) = train(&mut params, 200).unwrap();
    assert!(last < 0.5 * first, "{first} {last}");
    let mut control = Control::new(&params).unwrap();
    control.ticks(&mut [0; 8000]);
    assert!(control.largest < 0.2, "{}", control.largest);
    let allocations = allocation_counter::measure(|| control.ticks(&mut [0; 100]));
    assert_eq!(allocations.count_total, 0);
}

#[test]
fn the_gradient_is_that_of_the_torque() {
    let params = Policy.init::<f32>(&mut rng(3));
    let (u, step) = ([0.4, -0.7], 1e-2);
    let (_, slopes) = torque_and_slopes(&u, &params);
    for i in 0..2 {
        let [up, down] = [step, -step].map(|step| {
            let mut u = u;
            u[i] += step;
            torque_and_slopes(&u, &params).0
        });
        let want = (up - down) / (2.0 * step);
        assert!(
            (slopes[i] - want).abs() < 1e-2 * want.abs().max(1.0),
            "{slopes:?} {want}"
        );
    }
}
