//! A session as a page: every entry with what it answered.

use super::{Entry, Outcome, Session};

impl Session {
    /// Entries, what they printed and what they gave, in Markdown; failures as well.
    pub fn to_markdown(&self) -> String {
        let mut page = format!("# A session with ricercar {}\n", crate::VERSION);
        for entry in self.entries() {
            page += &section(entry);
        }
        page
    }
}

fn section(entry: &Entry) -> String {
    let title = match &entry.file {
        Some(file) => format!("\nLoaded from `{file}`:\n"),
        None => format!("\n`In [{}]`\n", entry.number),
    };
    let mut answer = entry.printed.clone();
    match &entry.outcome {
        Outcome::Done(Some(shown)) => answer += shown,
        Outcome::Done(None) => {}
        Outcome::Failed(headline) => answer += &format!("error: {headline}"),
        Outcome::Stopped => answer += "stopped",
    }
    let answer = answer.trim_end();
    let answer = if answer.is_empty() { String::new() } else { fenced("text", answer) };
    format!("{title}{}{answer}", fenced("rhai", entry.text.trim()))
}

/// A code block whose fence is longer than any inside.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.lines().map(|line| line.len() - line.trim_start_matches('`').len()).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("\n{fence}{language}\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use crate::script::{Context, Host, Session};

    #[test]
    fn every_entry_has_its_answer() {
        let mut session = Session::new(Host::new(Context::default()));
        for entry in ["let a = 20", "print(\"half\"); a + 1", "nope"] {
            let _ = session.evaluate(entry);
        }
        let page = session.to_markdown();
        let expected = "
`In [1]`

```rhai
let a = 20
```

`In [2]`

```rhai
print(\"half\"); a + 1
```

```text
half
21
```

`In [3]`

```rhai
nope
```

```text
error: ";
        assert!(page.contains(expected), "{page}");
    }
}
