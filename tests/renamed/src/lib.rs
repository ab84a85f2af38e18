//! There is no crate of the name `simplechain` here: the macro finds its library all the same.

/// The dependency has another name.
pub mod renamed {
    use networks::prelude::*;

    const HIDDEN: usize = 3;

    simple_chain! {
        /// A chain of a renamed crate.
        pub struct Renamed: 2 => dense(tanh, HIDDEN) => dense(id, 1) => 1
    }
}

/// The dependency comes by way of another crate.
pub mod through {
    use through::chain_of_another_name;

    chain_of_another_name! {
        /// A chain of a crate that re-exports it.
        pub struct Through: 2 => dense(tanh, 3) => dense(id, 1)
    }
}

#[cfg(test)]
mod tests {
    use networks::prelude::*;

    use super::renamed::Renamed;
    use super::through::Through;

    #[test]
    fn both_are_the_same_chain() {
        let flat = [0.5_f32; Renamed::PARAM_COUNT];
        let x = [0.25, -0.5];
        assert_eq!(Renamed.forward(&x, &flat), Through.forward(&x, &flat));
        let unnamed = networks::simple_chain!(2 => dense(tanh, 3) => dense(id, 1));
        assert_eq!(unnamed.forward(&x, &flat), Renamed.forward(&x, &flat));
    }
}
