//! Arrays and matrices of other libraries where slices are taken: the same memory, the same bits, a clear error otherwise.

#[cfg(test)]
mod faer;
#[cfg(test)]
mod nalgebra;
#[cfg(test)]
mod ndarray;
#[cfg(test)]
mod slices;

#[cfg(test)]
mod chains {
    use simplechain::prelude::*;
    use simplechain::simd::Real;

    simple_chain! {
        pub(crate) struct Net: 4 => dense(tanh, 8) => dense(id, 2);
        pub(crate) struct Images: (4, 5, 3) => conv(relu, (2, 2), 2) => flatten => dense(id, 1);
        pub(crate) struct Sequences: (6, 2) => conv(tanh, 3, 5)
    }

    /// Numbers of which no two are equal.
    pub(crate) fn numbers<T: Real>(count: usize) -> Vec<T> {
        (0..count)
            .map(|i| T::from_f64((i as f64 * 0.7).sin()))
            .collect()
    }

    /// What `Net` gives for flat inputs.
    pub(crate) fn outputs<T: Real>(x: &[T]) -> Vec<T> {
        let mut y = vec![T::ZERO; x.len() / 2];
        let params = numbers(Net::PARAM_COUNT);
        Net.forward_batch(
            Net.inputs(x).unwrap(),
            Net.params(&params).unwrap(),
            Net.outputs_mut(&mut y).unwrap(),
        )
        .unwrap();
        y
    }

    /// What the numbers say when they are asked for.
    pub(crate) fn refusal<T: Real>(numbers: &(impl Contiguous<T> + ?Sized)) -> String {
        numbers.numbers().unwrap_err().to_string()
    }

    /// What the numbers say when they are asked for, to be written to.
    pub(crate) fn refusal_mut<T: Real>(numbers: &mut (impl ContiguousMut<T> + ?Sized)) -> String {
        numbers.numbers_mut().unwrap_err().to_string()
    }
}
