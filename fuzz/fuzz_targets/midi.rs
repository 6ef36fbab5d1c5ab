//! Bytes as a MIDI file: read, put on a grid, merged and written again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ricercar::midi::{self, Instrument, WriteOptions};
use ricercar::music::Resolution;

fuzz_target!(|bytes: &[u8]| {
    let Ok(score) = midi::parse(bytes) else { return };
    let _ = score.seconds(score.end);
    for repair in &score.account {
        assert!(!repair.to_string().is_empty());
    }
    let _ = score.to_families(Resolution::MIDI, Instrument::family);
    if let Ok(piece) = score.to_multitrack(Resolution::MODEL)
        && let Ok(written) = midi::to_bytes(&piece, &WriteOptions::default())
    {
        let again = midi::parse(&written).expect("what we write reads back");
        assert!(again.account.is_empty(), "nothing to repair in what we write");
    }
});
