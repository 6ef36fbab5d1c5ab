//! Pictures: terminal pianorolls, PNG pianorolls and sheets, charts.
//!
//! The only home of plotters. Depends on `base` and `music`.
