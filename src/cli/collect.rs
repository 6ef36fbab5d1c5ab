//! `ricercar collect FOLDER OUT.npz`: any heap of songs to a training set, with an account.

use std::path::PathBuf;

use clap::Args;

use super::Program;
use super::failure::Failure;
use crate::base::Stamp;
use crate::data::collect::song::{KeyRule, Segments};
use crate::data::collect::{Account, CollectConfig, Collection, Group, Shares, files_of};

/// Turn songs into phrases.
#[derive(Debug, Args)]
pub(super) struct Collect {
    /// Folders, archives or files to read, then the set to write (.npz)
    #[arg(required = true, num_args = 1.., value_names = ["FOLDER", "OUT.npz"])]
    paths: Vec<PathBuf>,
    /// YAML file with any of the keys of scripts/collect.yaml; what else is said here goes first
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Take only the songs of this list: names or ids, or LPD's cleansed_ids.txt (may be repeated)
    #[arg(long, value_name = "FILE")]
    ids: Vec<PathBuf>,
    /// Where tags are looked up, to be kept with the phrases: folder or archive of id_list_TAG.txt files, or
    /// a table of ids and labels (may be repeated)
    #[arg(long, value_name = "PATH", num_args = 1.., value_delimiter = ',')]
    labels: Vec<PathBuf>,
    /// Take only songs with this tag, or with one of these (may be repeated)
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    tag: Vec<String>,
    /// Share of a test set without a song of the other, or sets and shares: train=0.8,valid=0.1,test=0.1
    #[arg(long, value_name = "SHARES")]
    split: Option<String>,
    /// Keep songs in one set whose file names are the same up to this text
    #[arg(long, value_name = "TEXT")]
    group_before: Option<String>,
    /// Most phrases of a song, drawn at random
    #[arg(long, value_name = "N")]
    per_song: Option<usize>,
    /// Leave songs in their keys instead of moving them to C major or A minor
    #[arg(long)]
    keep_key: bool,
    /// Cut every four bars instead of where the music changes
    #[arg(long)]
    every: bool,
    /// Threads that read songs; as many as the processor has otherwise
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Write nothing, only say what would become of the files
    #[arg(long)]
    dry_run: bool,
}

/// Rows of the table of reasons that are shown.
const REASONS: usize = 20;

/// Reads everything in the folders, writes the sets, the song table and the account, and says in one line
/// what became of the files.
///
/// # Errors
/// What is wrong with the config or a root, and when no phrase was found (the account is written then);
/// [`Failure::Stopped`] after Ctrl-C, with nothing written.
pub(super) fn run(program: &Program, given: &Collect) -> Result<(), Failure> {
    let (roots, out) = roots_and_out(program, given)?;
    let config = config(program, given)?;
    let terminal = &program.terminal;
    // A set that was collected into one of the folders is no song.
    let written = out.as_ref().map(|out| {
        let sets: Vec<&str> = config.set.split.0.iter().map(|(name, _)| name.as_str()).collect();
        let files = files_of(out, sets);
        files.all().cloned().collect::<Vec<_>>()
    });
    let skipped = written.unwrap_or_default();
    let cancel = program.interrupt.cancel();
    let collected = Collection::of(&roots, &skipped, &config, None, terminal.bar(), cancel);
    terminal.bar().clear();
    let collected = collected?;
    let account = collected.account();
    if let Some(out) = out.filter(|_| !given.dry_run) {
        if collected.is_empty() {
            let path = files_of(&out, []).account;
            account.write(&path)?;
            terminal.note(&format!("wrote {}", path.display()));
            return Err(Failure::Failed(format!("there is no phrase to write; {}", account.summary())));
        }
        let files = collected.write(&out, Some(&Stamp::of_program()))?;
        for path in files.all() {
            terminal.note(&format!("wrote {}", path.display()));
        }
    } else {
        reasons(account).iter().try_for_each(|line| terminal.line(line))?;
    }
    terminal.line(&account.summary())
}

/// The folders to read, and the file to write; a dry run can do without the latter.
fn roots_and_out(program: &Program, given: &Collect) -> Result<(Vec<PathBuf>, Option<PathBuf>), Failure> {
    match given.paths.as_slice() {
        [only] if given.dry_run => Ok((vec![only.clone()], None)),
        [roots @ .., out] if !roots.is_empty() => {
            let is_npz = out.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"));
            match is_npz || given.dry_run {
                true => Ok((roots.to_vec(), Some(program.output_path(out)))),
                false => Err(Failure::Usage(format!(
                    "the last path is the set to write, such as `songs.npz`, got `{}`",
                    out.display()
                ))),
            }
        }
        _ => Err(Failure::Usage("`collect` needs a folder to read and a set to write".to_owned())),
    }
}

/// The config of the file, with what the command line says.
fn config(program: &Program, given: &Collect) -> Result<CollectConfig, Failure> {
    let mut config = match &given.config {
        Some(path) => CollectConfig::read(path)?,
        None => CollectConfig::default(),
    };
    let CollectConfig { song, set } = &mut config;
    set.seed = program.arguments.globals.seed.unwrap_or(set.seed);
    set.n_jobs = given.jobs.unwrap_or(set.n_jobs);
    set.ids.extend(given.ids.iter().cloned());
    set.labels.extend(given.labels.iter().cloned());
    set.tags.extend(given.tag.iter().cloned());
    set.phrases_per_song = given.per_song.unwrap_or(set.phrases_per_song);
    if let Some(text) = &given.split {
        set.split = shares(text)?;
    }
    if let Some(separator) = &given.group_before {
        set.group = Group::Before(separator.clone());
    }
    if given.keep_key {
        song.key = KeyRule::Keep;
    }
    if given.every {
        song.segments = Segments::Every;
    }
    config.check().map_err(Failure::Usage)?;
    Ok(config)
}

/// `0.1`, the share of a set called `test`, or `train=0.8,valid=0.1,test=0.1`.
fn shares(text: &str) -> Result<Shares, Failure> {
    let wrong = || {
        let expected =
            "the share of the test set, such as 0.1, or sets and shares, such as train=0.9,test=0.1";
        Failure::Usage(format!("`--split` is {expected}; got `{text}`"))
    };
    if let Ok(share) = text.trim().parse::<f64>() {
        let sets = [("train".to_owned(), 1.0 - share), ("test".to_owned(), share)];
        return if share > 0.0 && share < 1.0 { Ok(Shares(sets.to_vec())) } else { Err(wrong()) };
    }
    let set = |part: &str| {
        let (name, share) = part.split_once('=').ok_or_else(wrong)?;
        Ok((name.trim().to_owned(), share.trim().parse().map_err(|_| wrong())?))
    };
    Ok(Shares(text.split(',').map(set).collect::<Result<_, Failure>>()?))
}

/// What was not used and why, by how often.
fn reasons(account: &Account) -> Vec<String> {
    let totals = account.totals();
    let line = |files: &str, phrases: &str, code: &str, sentence: &str| {
        format!("{files:>8} {phrases:>8}  {code:<20} {sentence}").trim_end().to_owned()
    };
    let mut lines = Vec::new();
    if !totals.is_empty() {
        lines.push(line("files", "phrases", "not used because", ""));
    }
    lines.extend(totals.iter().take(REASONS).map(|total| {
        line(&total.files.to_string(), &total.phrases.to_string(), total.code, &total.sentence)
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_a_share_or_names_with_shares() {
        let told = |text: &str| shares(text).map(|shares| shares.0).ok();
        let two = |a: f64, b: f64| Some(vec![("train".to_owned(), a), ("test".to_owned(), b)]);
        assert_eq!(told("0.25"), two(0.75, 0.25));
        assert_eq!(told("train=0.8, test=0.2"), two(0.8, 0.2));
        assert_eq!([told("1.5"), told("train"), told("train=much")], [None, None, None]);
    }
}
