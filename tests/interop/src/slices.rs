use simplechain::Error;
use simplechain::prelude::*;

use crate::chains::{Net, numbers, outputs};

#[test]
fn whatever_points_to_numbers() {
    let mut flat = numbers::<f32>(Net::PARAM_COUNT);
    let first = flat.as_ptr();
    assert_eq!(Net.params(&flat).unwrap().as_ptr(), first);
    assert_eq!(Net.params(&&flat).unwrap().as_ptr(), first);
    assert_eq!(Net.params(&flat[..]).unwrap().as_ptr(), first);
    assert_eq!(Net.params_mut(&mut flat).unwrap().as_ptr(), first);
    assert_eq!(Net.params_mut(&mut flat[..]).unwrap().as_ptr(), first);
    let slice = &mut flat[..];
    assert_eq!(Net.params_mut(slice).unwrap().as_ptr(), first);
    assert_eq!(Net.params_mut(&mut &mut *slice).unwrap().as_ptr(), first);

    let mut boxed: Box<[f32]> = flat.into();
    assert_eq!(Net.params(&boxed).unwrap().as_ptr(), boxed.as_ptr());
    let first = boxed.as_ptr();
    assert_eq!(Net.params_mut(&mut boxed).unwrap().as_ptr(), first);
    let mut array = Net.init::<f64>(&mut rng(0));
    assert_eq!(Net.params(&array).unwrap(), &*array);
    let first = array.as_ptr();
    assert_eq!(Net.params_mut(&mut *array).unwrap().as_ptr(), first);
    assert_eq!(Net.params_mut(&mut array).unwrap().as_ptr(), first);
}

#[test]
fn numbers_of_many_samples() {
    let mut x = numbers::<f64>(12);
    assert_eq!(Net.inputs(&x).unwrap().len(), 3);
    assert_eq!(Net.inputs_mut(&mut x[..8]).unwrap().len(), 2);
    assert_eq!(Net.outputs_mut(&mut x).unwrap().len(), 6);
    assert_eq!(Net.inputs::<f32>(&[]).unwrap().len(), 0);
    let uneven = Error::NotAMultiple {
        what: "input numbers",
        of: 4,
        found: 11,
    };
    assert_eq!(Net.inputs(&x[..11]).unwrap_err(), uneven);
    assert_eq!(Net.inputs_mut(&mut x[..11]).unwrap_err(), uneven);
    assert_eq!(
        Net.outputs_mut(&mut [0.0_f32; 3]).unwrap_err().to_string(),
        "expected a multiple of 2 output numbers, found 3"
    );
    assert_eq!(outputs(&x).len(), 6);
}
