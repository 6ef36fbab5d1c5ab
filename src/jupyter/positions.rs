//! Cursors: Jupyter counts letters (Unicode code points), the session counts bytes.

/// The byte at which letter number `letters` of `text` begins; the end of the text beyond it.
pub(super) fn byte_at(text: &str, letters: usize) -> usize {
    text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at)
}

/// How many letters of `text` stand before byte `at`, which begins one.
pub(super) fn letters_before(text: &str, at: usize) -> usize {
    text[..at].chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_several_bytes_are_one() {
        let text = "let 𝄞 = \"ü\"; ab";
        assert_eq!((byte_at(text, 0), byte_at(text, 5), byte_at(text, 99)), (0, 8, text.len()));
        for (letters, (at, _)) in text.char_indices().enumerate() {
            assert_eq!((byte_at(text, letters), letters_before(text, at)), (at, letters));
        }
    }
}
