//! Running text in lines of a width.

/// The words of `text` in lines of at most `width` columns; a word that is wider has a line of its own. The
/// first line begins with `first`, the others with `rest`.
pub fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = first.to_owned();
    let mut column = first.chars().count();
    let mut is_begun = false;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if is_begun && column + 1 + length > width {
            lines = lines + "\n" + rest;
            column = rest.chars().count();
        } else if is_begun {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
        is_begun = true;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words_only() {
        assert_eq!(wrapped("one two  three", 8, "", ""), "one two\nthree");
        assert_eq!(wrapped("overlong a", 4, "", ""), "overlong\na");
        assert_eq!(wrapped("", 4, "", ""), "");
    }

    #[test]
    fn what_lines_begin_with_counts_in_their_width() {
        assert_eq!(wrapped("one two three four", 9, "  ", "    "), "  one two\n    three\n    four");
        assert_eq!(wrapped("one two", 10, "of  ", "    "), "of  one\n    two");
    }
}
