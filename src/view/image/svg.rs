//! What an SVG picture says about itself, in its `<metadata>`.

use std::path::Path;

use crate::base::{Stamp, read_file};
use crate::music::Origin;
use crate::view::ViewError;

const OPEN: &str = "<metadata>";
const CLOSE: &str = "</metadata>";

/// The picture with where its music came from and what makes it, a line each, right after its root's tag.
pub fn with_metadata(svg: String, origin: Option<&Origin>, stamp: Option<&Stamp>) -> String {
    let lines = [origin.map(ToString::to_string), stamp.map(ToString::to_string)];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    let end_of_tag = svg.find("<svg").and_then(|root| Some(root + svg[root..].find('>')? + 1));
    match end_of_tag {
        Some(at) if !lines.is_empty() => {
            let (before, after) = svg.split_at(at);
            format!("{before}\n{OPEN}{}{CLOSE}{after}", escaped(&lines.join("\n")))
        }
        _ => svg,
    }
}

/// The lines of an SVG file's first `<metadata>` that holds nothing but text; none where it has none.
///
/// # Errors
/// [`ViewError::File`] when it cannot be read.
pub fn read_svg_metadata(path: &Path) -> Result<Vec<String>, ViewError> {
    let bytes = read_file(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let inside = text.split_once(OPEN).and_then(|(_, rest)| rest.split_once(CLOSE));
    let inside = inside.map(|(inside, _)| inside).filter(|inside| !inside.contains('<'));
    Ok(inside.into_iter().flat_map(str::lines).map(plain).collect())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn plain(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_goes_in_after_the_root_and_comes_out() {
        let origin = Origin { model: "a <b> & c &lt;".into(), seed: Some(7), latent: "00ff".into() };
        let stamp = Stamp { program: "ricercar 0.1.0".into(), ..Stamp::default() };
        let svg = with_metadata("<svg width=\"4\">\n<rect/>\n</svg>".into(), Some(&origin), Some(&stamp));
        assert!(svg.starts_with("<svg width=\"4\">\n<metadata>ricercar: model=a &lt;b&gt;"), "{svg}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.svg");
        std::fs::write(&path, &svg).unwrap();
        assert_eq!(read_svg_metadata(&path).unwrap(), [origin.to_string(), stamp.to_string()]);
        assert_eq!(with_metadata("<svg></svg>".into(), None, None), "<svg></svg>");
        std::fs::write(&path, "<svg><metadata><rdf:RDF/></metadata></svg>").unwrap();
        assert_eq!(read_svg_metadata(&path).unwrap(), Vec::<String>::new());
    }
}
