//! The loss of a solution.

use crate::array::Array;
use crate::simd::Real;

/// The mean of `(u - data)^2` over points in time and state elements; its gradient with respect to the states is added to `us_bar`.
///
/// ```
/// use simplechain::ode::mean_square;
///
/// let mut us_bar = [[0.0; 2]; 2];
/// let value = mean_square(&[[1.0, 2.0], [3.0, 4.0]], &[[1.0, 2.0], [3.0, 2.0]], &mut us_bar);
/// assert_eq!((value, us_bar), (1.0, [[0.0, 0.0], [0.0, 1.0]]));
/// ```
///
/// # Panics
/// Unless all three have the same length.
pub fn mean_square<T: Real, S: Array<T>>(us: &[S], data: &[S], us_bar: &mut [S]) -> T {
    assert_eq!(us.len(), data.len(), "data for every state");
    assert_eq!(us.len(), us_bar.len(), "a cotangent for every state");
    let mean = T::from_f64(1.0 / (us.len() * S::LEN) as f64);
    let mut sum = T::ZERO;
    for ((u, data), bar) in us.iter().zip(data).zip(us_bar) {
        let numbers = u.as_slice().iter().zip(data.as_slice());
        for ((u, data), bar) in numbers.zip(bar.as_mut_slice()) {
            let residual = *u - *data;
            sum += residual * residual;
            *bar += (residual + residual) * mean;
        }
    }
    sum * mean
}
