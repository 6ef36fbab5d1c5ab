//! Texts as scripts write them.

/// A text as a string of the scripting language, in double quotes on one line.
pub fn script_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for letter in text.chars() {
        match letter {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::script_text;

    #[test]
    fn quotes_backslashes_and_line_ends_are_escaped() {
        assert_eq!(script_text("C:\\a \"b\"\n"), r#""C:\\a \"b\"\n""#);
        assert_eq!(script_text("ä"), "\"ä\"");
    }
}
