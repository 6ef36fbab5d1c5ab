//! Sentences that are read, completed and refused.

use proptest::prelude::*;

use super::*;

fn known() -> Vocabulary {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Vocabulary {
        parts: words(&["z", "z_t", "z_i.drums", "z_i.bass", "z_it.drums", "z_i"]),
        tracks: words(&["drums", "piano", "bass"]),
        qualities: words(&["denser", "higher", "mix.notes", "drums.notes"]),
    }
}

fn sentence(text: &str) -> String {
    claim(text, &known()).unwrap().sentence()
}

fn wrong(text: &str) -> String {
    claim(text, &known()).unwrap_err().to_string()
}

#[test]
fn sentences_are_read_as_people_say_them() {
    assert_eq!(sentence("drums z_i.drums moves only drums"), "z_i.drums moves only drums");
    assert_eq!(
        sentence("z_i.drums moves only the drums and the bass."),
        "z_i.drums moves only drums and bass"
    );
    assert_eq!(
        sentence("the song is more typical than 80 % of real"),
        "song is more typical than 80 % of real"
    );
    assert_eq!(sentence("Phrase 12 is novel but typical"), "phrase 12 is novel but typical");
    assert_eq!(sentence("denser raises onsets"), "denser raises mix.notes");
    assert_eq!(sentence("it copies its training data"), "model copies training data");
    assert_eq!(sentence("accompaniments follow bass"), "answers follow bass");
}

#[test]
fn a_sentence_that_goes_astray_is_told_where_and_what_was_meant() {
    assert_eq!(
        wrong("z_i.drum moves only drums"),
        "no claim goes on with `z_i.drum`; did you mean `z_i.drums`?"
    );
    assert_eq!(wrong("denser rises mix.notes"), "no claim goes on with `rises`; did you mean `raises`?");
    assert!(wrong("song is more typical than 800 % of real").contains("did you mean `80`?"));
    assert!(
        wrong("z moves only").starts_with("the claim is not finished; after `z moves only` comes `bass`")
    );
    assert!(wrong("children are closer to parents than strangers indeed").contains("the claim ends after"));
    assert!(wrong("phrase x is novel but typical").contains("`x`"));
}

#[test]
fn words_are_completed_where_they_stand() {
    let of = |line: &str| complete(line, &known());
    assert_eq!(of("z_i."), (0, vec!["z_i.bass".into(), "z_i.drums".into()]));
    assert_eq!(of("z moves only "), (13, vec!["bass".into(), "drums".into(), "piano".into()]));
    assert_eq!(of("denser "), (7, vec!["lowers".into(), "raises".into()]));
    assert_eq!(of("song is more t"), (13, vec!["typical".into()]));
    assert_eq!(of("nobody says "), (12, vec![]));
}

proptest! {
    #[test]
    fn whatever_completion_offers_leads_to_a_claim(choices in prop::collection::vec(any::<prop::sample::Index>(), 12)) {
        let mut line = String::new();
        for choice in choices {
            if claim(&line, &known()).is_ok() {
                break;
            }
            let (start, words) = complete(&line, &known());
            prop_assert!(!words.is_empty(), "nothing follows `{line}`");
            prop_assert_eq!(start, line.len());
            line += choice.get(&words).as_str();
            line.push(' ');
        }
        let found = claim(&line, &known());
        prop_assert!(found.is_ok(), "{}: {:?}", line, found);
        // A sentence says itself.
        let found = found.unwrap();
        prop_assert_eq!(&claim(&found.sentence(), &known()).unwrap(), &found);
    }

    #[test]
    fn no_line_is_too_odd_to_be_answered(line in "\\PC{0,40}") {
        let _ = claim(&line, &known());
        let (start, _) = complete(&line, &known());
        prop_assert!(start <= line.len() && line.is_char_boundary(start));
    }
}
