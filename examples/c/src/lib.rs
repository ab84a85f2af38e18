//! A chain behind a C interface: `matexp.h` declares its functions, `main.c` calls them, and `casadi_check.py` calls it as a
//! function of CasADi.

use simplechain::prelude::*;

simple_chain! {
    /// 2x2 matrix -> its matrix exponential.
    pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)
}

simplechain::export_c!(MatExp, prefix = matexp);
simplechain::export_casadi!(MatExp, name = matexp);

#[cfg(test)]
mod tests {
    /// `HEADER=overwrite cargo test -p c_example` writes it anew.
    #[test]
    fn header_is_that_of_the_chain() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/matexp.h");
        let header = super::matexp_header();
        if std::env::var_os("HEADER").is_some_and(|value| value == "overwrite") {
            std::fs::write(path, &header).expect("the header can be written");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == header,
            "{path} is of another chain: see its test"
        );
    }
}
