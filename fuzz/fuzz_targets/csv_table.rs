#![cfg_attr(fuzzing, no_main)]
simplechain_fuzz::target!(csv_table);
