//! The header for C and C++.

use core::fmt::Write;

use super::Status;
use crate::chain::Chain;

/// The text of a header: the sizes of the chain and the codes, then `declarations`.
#[doc(hidden)]
#[must_use]
pub fn header<C: Chain>(_: C, prefix: &str, declarations: &str) -> String {
    let upper = prefix.to_ascii_uppercase();
    let mut defines = String::new();
    let mut define = |name: &str, value: &dyn core::fmt::Display| {
        writeln!(defines, "#define {upper}_{name} {value}").expect("a string takes all");
    };
    define("INPUT_LEN", &C::INPUT_LEN);
    define("OUTPUT_LEN", &C::OUTPUT_LEN);
    define("PARAM_COUNT", &C::PARAM_COUNT);
    let fingerprint = format!("UINT64_C({:#018x})", C::FINGERPRINT);
    define("FINGERPRINT", &fingerprint);
    let mut codes = String::new();
    for status in Status::ALL {
        let message = status.message().to_str().expect("ASCII");
        let (name, code) = (status.name(), status as i32);
        writeln!(codes, "#define {upper}_{name} {code} /* {message} */").expect("the same");
    }
    let rules = include_str!("rules.h").replace("PREFIX", &upper);
    format!(
        "/* Written by simplechain from the declaration of a chain; change that, and write this anew.\n\
         {rules} */\n\
         #ifndef {upper}_H\n#define {upper}_H\n\n\
         #include <stddef.h>\n#include <stdint.h>\n\n\
         #ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n\
         {defines}\n{codes}{declarations}\n\
         #ifdef __cplusplus\n}}\n#endif\n\n#endif\n"
    )
}
