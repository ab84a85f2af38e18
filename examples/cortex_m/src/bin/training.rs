//! Trains the network on the microcontroller for a few steps, on one thread, with an allocator that never frees; and prints the parameters as
//! bits, which are those of the host.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hio, hprintln};
use simplechain_cortex_m::heap::Bump;
use simplechain_cortex_m::write_training;

#[global_allocator]
static HEAP: Bump = Bump::new();

#[entry]
fn main() -> ! {
    let mut out = hio::hstdout().expect("a host");
    write_training(&mut out).expect("a host that reads");
    hprintln!(
        "cost of training: {} bytes of heap, none of which was freed",
        HEAP.used()
    );
    debug::exit(debug::EXIT_SUCCESS);
    cortex_m::asm::udf()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    debug::exit(debug::EXIT_FAILURE);
    cortex_m::asm::udf()
}
