//! Checks a SoundFont's tables before rustysynth follows their indices.
//!
//! The parser trusts each index to lie in the table it points into, and panics where it does not;
//! a damaged file must be an error instead. Layout: SoundFont 2.01, section 7.

/// Checks that the bytes are a whole RIFF file of a SoundFont whose indices lie in their tables.
///
/// # Errors
/// What is wrong, as the end of a sentence about the file.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let (Some(b"RIFF"), Some(size), Some(b"sfbk")) = (bytes.get(0..4), number(bytes, 4, 4), bytes.get(8..12))
    else {
        return Err("it does not begin as a SoundFont (RIFF … sfbk)".to_owned());
    };
    if size + 8 > bytes.len() {
        return Err(format!("it is cut off after {} of {} bytes", bytes.len(), size + 8));
    }
    let is_tables = |(id, body): &(&[u8], &[u8])| *id == b"LIST" && body.starts_with(b"pdta");
    let Some((_, tables)) = chunks(&bytes[12..]).find(is_tables) else {
        return Err("it has no tables of presets (LIST … pdta)".to_owned());
    };
    let table =
        |id: &[u8; 4]| chunks(&tables[4..]).filter(|(name, _)| name == id).last().map(|(_, body)| body);
    // (table, bytes per row, where the index is in a row, table pointed into, bytes per row there)
    for (from, row, at, to, target_row) in [
        (b"phdr", 38, 24, b"pbag", 4),
        (b"pbag", 4, 0, b"pgen", 4),
        (b"inst", 22, 20, b"ibag", 4),
        (b"ibag", 4, 0, b"igen", 4),
    ] {
        let (Some(rows), Some(target)) = (table(from), table(to)) else {
            let id = if table(from).is_none() { from } else { to };
            return Err(format!("its table `{}` is missing", String::from_utf8_lossy(id)));
        };
        let count = target.len() / target_row;
        for (index, entry) in rows.chunks_exact(row).enumerate() {
            let points = number(entry, at, 2).unwrap_or(usize::MAX);
            if points >= count {
                let (from, to) = (String::from_utf8_lossy(from), String::from_utf8_lossy(to));
                return Err(format!(
                    "row {index} of `{from}` points to row {points} of `{to}`, which has {count}"
                ));
            }
        }
    }
    let samples = table(b"shdr").unwrap_or_default();
    match samples.chunks_exact(46).filter_map(|row| number(row, 36, 4)).find(|rate| *rate > 192_000) {
        Some(rate) => Err(format!("a sample has {rate} samples a second, at most 192000 can be played")),
        None => Ok(()),
    }
}

/// The chunks in `bytes`, up to the first that does not fit: (name, body).
fn chunks(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let size = number(bytes, 4, 4)?;
        let chunk = (bytes.get(0..4)?, bytes.get(8..8 + size)?);
        bytes = &bytes[8 + size..];
        Some(chunk)
    })
}

/// The little-endian number of `len` bytes at `at`.
fn number(bytes: &[u8], at: usize, len: usize) -> Option<usize> {
    let digits = bytes.get(at..at + len)?;
    Some(digits.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
