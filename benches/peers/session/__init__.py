"""A session of measurements: main -> setup (environment, programs) -> data -> peers -> measure -> report, plots."""
