//! Names, shapes and ranges of the parameters as tensors.

use simplechain::chain::Network;
use simplechain::storage::Storage;

use crate::chains::{Images, Nested, Plain, Sequence};

/// The names and shapes, one a line, after checks of what holds for every chain.
fn table<N: Network>(net: N) -> String {
    let tensors = net.tensors();
    let mut end = 0;
    for tensor in &tensors {
        assert_eq!(
            tensor.range.start, end,
            "{} follows without a gap",
            tensor.name
        );
        assert_eq!(tensor.shape.iter().product::<usize>(), tensor.range.len());
        assert!(tensor.name.ends_with(tensor.role()));
        end = tensor.range.end;
    }
    assert_eq!(end, N::PARAM_COUNT);
    let lines = tensors
        .iter()
        .map(|t| format!("{} {:?}\n", t.name, t.shape));
    lines.collect()
}

#[test]
fn dense_layers() {
    assert_eq!(
        table(Plain),
        "0.dense.weight [3, 5]\n0.dense.bias [5]\n1.dense.weight [5, 2]\n1.dense.bias [2]\n"
    );
}

#[test]
fn nested_layers() {
    assert_eq!(
        table(Nested),
        "\
1.residual.0.dense.weight [4, 6]
1.residual.0.dense.bias [6]
1.residual.1.concat.0.0.dense.weight [6, 1]
1.residual.1.concat.0.0.dense.bias [1]
1.residual.1.concat.0.1.dense.weight [1, 2]
1.residual.1.concat.0.1.dense.bias [2]
1.residual.1.concat.1.0.dense.weight [6, 2]
1.residual.1.concat.1.0.dense.bias [2]
2.frozen.0.layer_norm.weight [4]
2.frozen.0.layer_norm.bias [4]
2.frozen.1.chain.0.dense.weight [4, 3]
2.frozen.1.chain.0.dense.bias [3]
2.frozen.1.chain.1.dense.weight [3, 4]
3.layer.weight [4]
4.rms_norm.weight [4]
5.dense.weight [4, 2]
5.dense.bias [2]
"
    );
}

#[test]
fn image_layers() {
    assert_eq!(
        table(Images),
        "\
0.batch_norm.weight [2]
0.batch_norm.bias [2]
0.batch_norm.running_mean [2]
0.batch_norm.running_var [2]
1.conv.weight [4, 2, 3, 2]
1.conv.bias [4]
3.conv.weight [6, 2, 1, 2]
4.layer_norm.weight [6, 2, 1]
4.layer_norm.bias [6, 2, 1]
5.rms_norm.weight [6, 2, 1]
6.concat.0.1.dense.weight [12, 2]
6.concat.0.1.dense.bias [2]
6.concat.1.0.conv.weight [3, 6, 2, 1]
6.concat.1.0.conv.bias [3]
6.concat.1.2.batch_norm.weight [3]
6.concat.1.2.batch_norm.bias [3]
6.concat.1.2.batch_norm.running_mean [3]
6.concat.1.2.batch_norm.running_var [3]
"
    );
}

#[test]
fn sequence_layers() {
    assert_eq!(
        table(Sequence),
        "0.conv.weight [4, 2, 1, 3]\n0.conv.bias [4]\n2.dense.weight [28, 2]\n2.dense.bias [2]\n"
    );
}
