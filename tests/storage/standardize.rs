//! What `adapt` learned is in the file: a program that loads it needs nothing else.

use simplechain::prelude::*;
use simplechain::storage::Storage;

simple_chain! {
    struct Table: 3 => standardize => dense(tanh, 4) => dense(id, 2) => unstandardize;
    struct Image: (2, 3, 2) => standardize => flatten => dense(id, 1)
}

#[test]
fn means_and_deviations_are_tensors() {
    let names = |tensors: Vec<simplechain::storage::Tensor>| -> Vec<String> {
        let lines = tensors.iter();
        lines.map(|t| format!("{} {:?}", t.name, t.shape)).collect()
    };
    let table = names(Table.tensors());
    assert_eq!(table[..2], ["0.standardize.mean [3]", "0.standardize.std [3]"]);
    assert_eq!(table[6..], ["3.unstandardize.mean [2]", "3.unstandardize.std [2]"]);
    let image = names(Image.tensors());
    assert_eq!(image[..2], ["0.standardize.mean [2]", "0.standardize.std [2]"]);
}

#[test]
fn they_come_back() {
    let xs = [[1.0, 200.0, -3.0], [2.0, 500.0, -3.0], [6.0, 200.0, -3.0]];
    let ys = [[3e6, 0.1], [5e6, 0.2], [7e6, 0.3]];
    let mut params = Table.init::<f64>(&mut rng(0));
    Table.adapt(&mut params, &xs).unwrap();
    Table.adapt_outputs(&mut params, &ys).unwrap();
    let bytes = Table.to_safetensors(&params, &[("columns", "a,b,c")]).unwrap();
    let loaded = Table.from_safetensors::<f64>(&bytes).unwrap();
    assert_eq!(Table.forward(&xs[0], &loaded), Table.forward(&xs[0], &params));
    assert_eq!(Table.state(&loaded, 3)[..2], [5e6, 0.2]);
}
