//! Calls of the network and nothing else: how much flash they take (`.ci/cortex_m.py`).
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m_rt::entry;
use simplechain::prelude::*;
use simplechain_cortex_m::{MatExp, params};

#[entry]
fn main() -> ! {
    loop {
        let x = black_box([0.0; 4]);
        black_box(MatExp.forward(&x, params()));
        #[cfg(feature = "vjp")]
        {
            let mut x_bar = [0.0; 4];
            let y_bar = black_box([1.0; 4]);
            black_box(MatExp.vjp_input(&x, params(), &y_bar, &mut x_bar));
            black_box(x_bar);
        }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    cortex_m::asm::udf()
}
