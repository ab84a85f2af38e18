#![cfg_attr(fuzzing, no_main)]
simplechain_fuzz::target!(
    pipeline,
    draw = simplechain_fuzz::invocations::draw,
    summary = simplechain_fuzz::pipeline::summary
);
