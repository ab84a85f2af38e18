//! Prints outputs and derivatives of the network, as bits, and what they take: instructions and stack.
#![no_std]
#![no_main]

use core::hint::black_box;
use core::panic::PanicInfo;

use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hio, hprintln};
use simplechain::prelude::*;
use simplechain_cortex_m::{MatExp, matrix, params, stack, write_results};

/// Instructions for a tick of the clock of 25 MHz, when QEMU takes a nanosecond for each (`-icount shift=0`).
const INSTRUCTIONS_PER_TICK: u32 = 40;

const CALLS: u32 = 1000;

#[entry]
fn main() -> ! {
    let mut clock = Peripherals::take().expect("taken once").SYST;
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(0x00ff_ffff);
    clock.clear_current();
    clock.enable_counter();

    let mut out = hio::hstdout().expect("a host");
    write_results(&mut out).expect("a host that reads");

    let params = params();
    measure(&clock, "forward", || {
        black_box(MatExp.forward(black_box(&matrix(0)), params));
    });
    measure(&clock, "vjp_input", || {
        let mut x_bar = [0.0; 4];
        black_box(MatExp.vjp_input(black_box(&matrix(0)), params, &[1.0; 4], &mut x_bar));
        black_box(x_bar);
    });
    let mut params_bar = [0.0; MatExp::PARAM_COUNT];
    measure(&clock, "vjp", || {
        let mut x_bar = [0.0; 4];
        black_box(MatExp.vjp(
            black_box(&matrix(0)),
            params,
            &[1.0; 4],
            &mut x_bar,
            &mut params_bar,
        ));
        black_box(x_bar);
    });
    measure(&clock, "jvp_input", || {
        black_box(MatExp.jvp_input(black_box(&matrix(0)), params, &[1.0; 4]));
    });
    debug::exit(debug::EXIT_SUCCESS);
    cortex_m::asm::udf()
}

/// Prints the instructions of a call and the bytes of stack under it.
fn measure(clock: &SYST, what: &str, mut call: impl FnMut()) {
    let bytes = stack::used(&mut call);
    // The counter counts down, modulo 2^24.
    let start = clock.cvr.read();
    for _ in 0..CALLS {
        call();
    }
    let ticks = start.wrapping_sub(clock.cvr.read()) & 0x00ff_ffff;
    let instructions = ticks * INSTRUCTIONS_PER_TICK / CALLS;
    hprintln!(
        "cost of {}: {} instructions, {} bytes of stack",
        what,
        instructions,
        bytes
    );
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    debug::exit(debug::EXIT_FAILURE);
    cortex_m::asm::udf()
}
