//! Tests of claims against makers whose truth is known.
