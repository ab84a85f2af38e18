#![cfg_attr(fuzzing, no_main)]
simplechain_fuzz::target!(storage);
