//! One integration-test binary: Burn links slowly, so link once.

mod golden_metrics;
mod layers;
mod script_help;
