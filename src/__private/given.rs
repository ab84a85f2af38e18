//! Constants given by the path of a `const` item.

use super::check::Text;

/// A constant called `.0` in the chain, with a reference `.1` to its value.
///
/// The language has only `f64`. Only rustc knows the type of the path, and trait methods cannot be called in a `const`: so
/// there are inherent methods for every type that may occur. `checked_number` and `checked_numbers` report a wrong type;
/// they are called in one item, and elsewhere `number` and `numbers` accept any value, so that there is one error.
pub struct Given<T>(&'static str, T);

pub const fn given<T>(path: &'static str, value: T) -> Given<T> {
    Given(path, value)
}

impl Given<&'static f64> {
    pub const fn number(self) -> f64 {
        *self.1
    }

    /// One number for all.
    pub const fn numbers(self) -> &'static [f64] {
        core::slice::from_ref(self.1)
    }

    pub const fn checked_number(self) -> f64 {
        *self.1
    }

    pub const fn checked_numbers(self) -> &'static [f64] {
        core::slice::from_ref(self.1)
    }
}

/// Arrays of the right type, one number for each element or channel.
macro_rules! arrays {
    ($($array:ty, [$($size:tt)*];)*) => {
        $(
            impl<$($size)*> Given<&'static $array> {
                pub const fn number(self) -> f64 {
                    f64::NAN
                }

                pub const fn numbers(self) -> &'static [f64] {
                    self.1
                }

                #[track_caller]
                pub const fn checked_number(self) -> f64 {
                    not_one_number(self.0)
                }

                pub const fn checked_numbers(self) -> &'static [f64] {
                    self.1
                }
            }
        )*
    };
}

arrays! {
    [f64; N], [const N: usize];
    &'static [f64], [];
}

/// Numbers and arrays of other types.
macro_rules! wrong {
    ($($wrong:ident)*) => {
        $(
            wrong!($wrong, $wrong, wrong_type(stringify!($wrong), "f64"), []);
            wrong!($wrong, [$wrong; N], not_one_number(), [const N: usize]);
            wrong!($wrong, &[$wrong], not_one_number(), []);
        )*
    };
    ($wrong:ident, $value:ty, $number:ident($($argument:expr),*), [$($size:tt)*]) => {
        impl<$($size)*> Given<&$value> {
            pub const fn number(self) -> f64 {
                f64::NAN
            }

            pub const fn numbers(self) -> &'static [f64] {
                &[f64::NAN]
            }

            #[track_caller]
            pub const fn checked_number(self) -> f64 {
                $number(self.0 $(, $argument)*)
            }

            #[track_caller]
            pub const fn checked_numbers(self) -> &'static [f64] {
                wrong_type(self.0, stringify!($wrong), "f64` or `[f64; N]")
            }
        }
    };
}

wrong!(f32 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

#[track_caller]
const fn not_one_number(path: &str) -> ! {
    Text::new()
        .text("here goes one number, but `")
        .text(path)
        .text("` is an array\nhelp: write a number, or the path of a `const` item of type `f64`")
        .panic()
}

#[track_caller]
const fn wrong_type(path: &str, wrong: &str, right: &str) -> ! {
    Text::new()
        .text("the constants of a chain are `f64`, for `f32` parameters too, but `")
        .text(path)
        .text("` is of `")
        .text(wrong)
        .text("`\nhelp: declare it as `")
        .text(right)
        .text("`")
        .panic()
}
