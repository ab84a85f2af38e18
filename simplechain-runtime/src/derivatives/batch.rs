//! Polynomials through a batch, forward and back.

use super::direction::Direction;
use super::jet::{Jet, MovingDual, take_last};
use super::rows::{Coefficients, Lines, Part, Tangents};
use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, check_len};
use crate::loss::{SecondOrderLoss, check_batch};
use crate::network::Network;
use crate::run::batch::{Ends, run};
use crate::run::cotangents::{
    LossCotangents, MovingLossCotangents, NoCotangents, OutputCotangents,
};
use crate::run::sink::{Discard, Total};
use crate::run::source::Encoded;
use crate::scratch::zeros;
use crate::simd::{ParamsAndTangents, Real};

/// Forward pass of a batch with dual numbers, along a direction of inputs and parameters.
pub(super) fn jvp_batch<C, T, X>(
    chain: C,
    xs: &Lines<'_, X, C::Input<T>>,
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    ys: &mut [C::Output<T>],
    y_dots: &mut [C::Output<T>],
) -> Result<(), Error>
where
    C: Network,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    check_len("outputs", xs.xs.count(), ys.len())?;
    check_len("output tangents", xs.xs.count(), y_dots.len())?;
    let params_dot = Direction::<C, T>::of(params_dot);
    run::<_, MovingDual<T>, _, _>(
        chain,
        xs,
        ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
        Ends {
            cotangents: NoCotangents,
            outputs: Coefficients([Part::of(ys), Part::of(y_dots)]),
            input_cotangents: Discard,
            gradient: Discard,
        },
    );
    Ok(())
}

/// Forward and backward pass along a direction of the parameters: the directional derivative of the gradient. Returns the sum of
/// the losses.
pub(super) fn params_product<C, T, X, Y>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    seed: Y,
    product: &mut C::Params<T>,
) -> T
where
    C: Network,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
    Y: OutputCotangents<MovingDual<T>>,
{
    let params_dot = Direction::<C, T>::of(params_dot);
    let mut duals = zeros::<MovingDual<T>>(C::PARAM_COUNT);
    let sum = run::<_, MovingDual<T>, _, _>(
        chain,
        &Lines::new(xs, Tangents::Zero),
        ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
        Ends {
            cotangents: seed,
            outputs: Discard,
            input_cotangents: Discard,
            gradient: Total {
                to: &mut duals,
                add: false,
            },
        },
    );
    take_last(&duals, product.as_mut_slice());
    sum.0[0]
}

/// The product with the Hessian or the Gauss-Newton matrix of a batch's loss; returns the loss.
pub(super) fn loss_product<C, T, L, X>(
    chain: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    product: &mut C::Params<T>,
    gauss_newton: bool,
) -> Result<T, Error>
where
    C: Network,
    T: Real,
    L: SecondOrderLoss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let scale = check_batch(loss, chain, xs, targets)?;
    let given = || Encoded::new(chain, loss, targets, None);
    let seed = MovingLossCotangents {
        loss: LossCotangents::of_rows(given(), given(), scale),
        gauss_newton,
    };
    let sum = params_product(chain, xs, params, params_dot, seed, product);
    loss.add_penalty_hvp(chain, params, params_dot, product);
    Ok(sum * scale + loss.penalty(chain, params, None))
}

/// Forward pass of a batch with jets.
pub(super) fn jets<C, T, X>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    tangents: Tangents<'_, C::Input<T>>,
    parts: [Part<'_, C::Output<T>, T>; 3],
) where
    C: Network,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    run::<_, Jet<T>, _, _>(
        chain,
        &Lines::new(xs, tangents),
        ParamsAndTangents::new(params.as_slice(), &[]),
        Ends {
            cotangents: NoCotangents,
            outputs: Coefficients(parts),
            input_cotangents: Discard,
            gradient: Discard,
        },
    );
}
