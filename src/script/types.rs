//! What scripts call the types that Rust calls something longer.

/// The name of a type as people who write scripts know it: `i64` is `int`,
/// `&mut ricercar::music::Multitrack` is `Multitrack`.
pub(super) fn plain_name(rust: &str) -> String {
    let name = rust.trim();
    if let Some(inner) = generic(name, "Result").or_else(|| generic(name, "Fallible")) {
        return plain_name(first_argument(inner));
    }
    let name = name.trim_start_matches('&').trim_start();
    let name = name.strip_prefix("mut ").unwrap_or(name).trim();
    // rhai joins the three types that a string argument may have.
    if name.split('|').any(|part| part.trim().ends_with("ImmutableString")) {
        return "string".into();
    }
    let last = name.split('<').next().unwrap_or(name).rsplit("::").next().unwrap_or(name).trim();
    let plain = match last {
        "i64" | "INT" => "int",
        "f64" | "FLOAT" => "float",
        "str" | "String" | "ImmutableString" => "string",
        "Dynamic" | "RhaiResultOf" => "any",
        "Number" => "float",
        "Songs" => "Multitrack or array",
        "Names" => "string or array",
        "WorkHandle" => "Work",
        "Map" => "map",
        "Array" | "Vec" => "array",
        "FnPtr" | "Fn" => "function",
        "Range" | "RangeInclusive" | "ExclusiveRange" | "InclusiveRange" => "range",
        "range=" => "range",
        "()" | "" => "()",
        other => other,
    };
    plain.to_owned()
}

/// What stands between the angle brackets of `name<…>`, when the type's last name is `wanted`.
fn generic<'a>(name: &'a str, wanted: &str) -> Option<&'a str> {
    let (head, rest) = name.split_once('<')?;
    let last = head.rsplit("::").next()?.trim();
    (last == wanted).then(|| rest.trim_end().strip_suffix('>').unwrap_or(rest))
}

/// Up to the first comma outside of brackets.
fn first_argument(list: &str) -> &str {
    let mut depth = 0;
    let comma = list.find(|c: char| {
        depth += i32::from("<([".contains(c)) - i32::from(">)]".contains(c));
        c == ',' && depth == 0
    });
    comma.map_or(list, |at| &list[..at])
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn no_rust_path_is_shown_to_a_script() {
        let names = [
            ("&mut Multitrack", "Multitrack"),
            ("ricercar::music::Multitrack", "Multitrack"),
            ("&str | ImmutableString | String", "string"),
            ("Result<Multitrack, Box<EvalAltResult>>", "Multitrack"),
            ("Fallible<Array>", "array"),
            ("i64", "int"),
            ("Range<i64>", "range"),
            ("rhai::FnPtr", "function"),
            ("alloc::vec::Vec<rhai::types::dynamic::Dynamic>", "array"),
        ];
        for (rust, plain) in names {
            assert_eq!(plain_name(rust), plain);
        }
    }
}
