//! Playing goes through a program that is found in `PATH`; where there is none, the sound is a file.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::program::Program;

const TUNE: &str = "music::line(\"bass\", \"C2 G2\").play(); print(\"on\");";

/// A folder whose `bin` holds players that are shell scripts; `$1` of a player is the file.
fn with_players(players: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for (name, does) in players {
        let file = bin.join(name);
        fs::write(&file, format!("#!/bin/bash\n{does}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// `ricercar` with `arguments` where only those players are in `PATH`; its streams in one.
fn ricercar(folder: &Path, arguments: &str) -> crate::program::Ended {
    let line = format!("unset RICERCAR_PLAYER; PATH=$PWD/bin exec \"$0\" {arguments} 2>&1");
    Program::in_shell(&line).within(folder).run()
}

#[test]
fn a_player_in_path_hears_the_sound_and_nothing_is_left() {
    let copies = "/bin/cp \"$1\" heard.wav && echo \"$@\" > told";
    let folder = with_players(&[("paplay", copies), ("aplay", "echo wrong > told")]);
    assert_eq!(ricercar(folder.path(), &format!("-e '{TUNE}'")).well(), "on\n");
    let heard = hound::WavReader::open(folder.path().join("heard.wav")).unwrap();
    assert!(heard.duration() > 44_100, "{}", heard.duration());
    let told = fs::read_to_string(folder.path().join("told")).unwrap();
    assert!(!Path::new(told.trim()).exists(), "the file is temporary: {told}");
    assert!(!folder.path().join("play-1.wav").exists());
}

#[test]
fn when_a_player_fails_the_next_is_tried_and_then_the_sound_is_kept() {
    let folder = with_players(&[("paplay", "exit 3"), ("aplay", "echo \"$@\" > told")]);
    assert_eq!(ricercar(folder.path(), &format!("-e '{TUNE}'")).well(), "on\n");
    assert!(fs::read_to_string(folder.path().join("told")).unwrap().starts_with("-q "));

    let folder = with_players(&[("aplay", "exit 3")]);
    let said = ricercar(folder.path(), &format!("-e '{TUNE}'")).well();
    assert!(said.contains("`aplay` failed") && said.contains("wrote play-1.wav"), "{said}");
    assert!(hound::WavReader::open(folder.path().join("play-1.wav")).is_ok());
}

#[test]
fn without_a_player_and_in_the_sandbox_the_sound_is_a_file() {
    let folder = with_players(&[]);
    let said = ricercar(folder.path(), &format!("--out takes -e '{TUNE} {TUNE}'")).well();
    assert!(said.contains("no program was found") && said.contains("wrote takes/play-2.wav"), "{said}");

    let folder = with_players(&[("aplay", "echo > told")]);
    let said = ricercar(folder.path(), &format!("--sandbox -e '{TUNE}'")).well();
    assert!(said.contains("sandbox") && folder.path().join("play-1.wav").exists(), "{said}");
    assert!(!folder.path().join("told").exists());
}

#[test]
fn ctrl_c_ends_the_player_and_the_script() {
    let folder = with_players(&[("aplay", "echo $$ > playing; exec /bin/sleep 600")]);
    let line = format!(
        "unset RICERCAR_PLAYER; (PATH=$PWD/bin exec \"$0\" -e '{TUNE}') & \
         for i in {{1..1500}}; do [ -s playing ] && break; sleep 0.02; done; kill -INT $!; wait $!; code=$?; \
         kill -0 $(cat playing) 2>/dev/null && echo still there; exit $code"
    );
    let ended = Program::in_shell(&format!("set -m; {line}")).within(folder.path()).run();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{ended:?}");
}
