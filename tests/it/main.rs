//! One integration-test binary: Burn links slowly, so link once.
