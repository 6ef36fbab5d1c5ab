//! Bytes as a NumPy file of any layout; what reads is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ricercar::npz::{self, Contents};

fuzz_target!(|bytes: &[u8]| {
    match npz::any_from_bytes("fuzz", bytes) {
        Ok(Contents::Multitrack(piece)) => {
            let written = npz::multitrack_to_bytes(&piece).expect("a piece that was read can be written");
            let again = npz::multitrack_from_bytes("again", &written).expect("what we write reads back");
            assert_eq!(again.tracks(), piece.tracks());
        }
        Ok(Contents::Phrases(phrases)) => assert_eq!(phrases.iter().count(), phrases.len()),
        Err(error) => assert!(error.to_string().contains("fuzz"), "{error}"),
    }
    let _ = npz::npy_from_bytes("fuzz", bytes);
});
