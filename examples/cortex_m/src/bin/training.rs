//! Trains the network on the microcontroller, on one thread and with an allocator that never frees.
#![no_std]
#![no_main]
