//! The matrix exponential compared with closed forms.

use simplechain::init;

use crate::workload::{Data, expm};

#[track_caller]
fn assert_close(found: [f64; 4], expected: [f64; 4], tolerance: f64) {
    let scale = expected.iter().fold(1.0, |max: f64, x| max.max(x.abs()));
    for (found_element, expected_element) in found.iter().zip(expected) {
        let error = (found_element - expected_element).abs() / scale;
        assert!(error <= tolerance, "{found:?} is not {expected:?}");
    }
}

#[test]
fn zero_gives_one() {
    assert_eq!(expm([0.0; 4]), [1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn diagonal_matrix() {
    for (a, d) in [(1.0, -2.0), (0.3, 0.25), (-20.0, 3.0)] {
        let expected = [f64::exp(a), 0.0, 0.0, f64::exp(d)];
        assert_close(expm([a, 0.0, 0.0, d]), expected, 1e-14);
    }
}

#[test]
fn nilpotent_matrix() {
    assert_close(expm([0.0, 7.0, 0.0, 0.0]), [1.0, 7.0, 0.0, 1.0], 1e-15);
}

#[test]
fn rotation() {
    for angle in [0.1, 1.0, 3.0, 10.0] {
        let (sin, cos) = f64::sin_cos(angle);
        let found = expm([0.0, -angle, angle, 0.0]);
        assert_close(found, [cos, -sin, sin, cos], 1e-14);
    }
}

/// With the mean `m` of the eigenvalues and half their difference `q`,
/// `exp(A) = e^m (cosh(q) I + sinh(q)/q (A - m I))`; `q` is imaginary where the eigenvalues are complex.
#[test]
fn random_matrices_agree_with_the_closed_form() {
    let data = Data::new(1000, &mut init::rng(7));
    for (x, y) in data.x.iter().zip(&data.y) {
        let [a, b, c, d] = x.map(f64::from);
        let (mean, square) = ((a + d) / 2.0, (a - d) * (a - d) / 4.0 + b * c);
        let q = square.abs().sqrt();
        let (cosh, sinh_by_q) = match square {
            0.0.. => (q.cosh(), q.sinh() / q),
            _ => (q.cos(), q.sin() / q),
        };
        let diagonal = |element: f64| mean.exp() * (cosh + sinh_by_q * (element - mean));
        let off = mean.exp() * sinh_by_q;
        let expected = [diagonal(a), off * b, off * c, diagonal(d)];
        assert_close(expm([a, b, c, d]), expected, 1e-13);
        assert_close(y.map(f64::from), expected, 1e-7);
    }
}

#[test]
fn same_seed_same_data() {
    let [one, two] = [(); 2].map(|()| Data::new(10, &mut init::rng(3)));
    assert_eq!((one.x, one.y), (two.x, two.y));
}
