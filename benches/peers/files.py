"""What `benches/files.rs` measures, done by others: python files.py TASK FOLDER

Prints the processor time a file takes, the best of several passes, as the benchmark does.
"""
import pathlib
import sys
import time

import numpy as np

PASSES = 3


def notes(path):
    import symusic

    return symusic.Score(path)


def music(path):
    import muspy

    return muspy.read_midi(path)


def roll(path):
    """Five tracks of 24 steps a beat: (steps, 84 pitches from C1, drums-piano-guitar-bass-strings)."""
    song = notes(path).resample(24, min_dur=1)
    bar = 4 * 24
    cells = np.zeros((-(-song.end() // bar) * bar, 84, 5), np.uint8)
    for track in song.tracks:
        family = 0 if track.is_drum else {0: 1, 3: 2, 4: 3}.get(track.program // 8, 4)
        table = track.notes.numpy()
        for start, length, pitch in zip(*(table[key].tolist() for key in ("time", "duration", "pitch"))):
            if 24 <= pitch < 108:
                cells[start : start + max(length, 1), pitch - 24, family] = 1
    return cells


def songs(path):
    import pypianoroll

    return pypianoroll.load(path)


def stack(path):
    """Cells of all tracks at four steps a beat."""
    piece = songs(path)
    piece.binarize()
    piece.set_resolution(4)
    return piece.stack() > 0


def works(task, path):
    try:
        task(path)
    except Exception:  # a file that this program cannot read is not measured
        return False
    return True


def main():
    name, folder = sys.argv[1:]
    task = {"notes": notes, "music": music, "roll": roll, "songs": songs, "stack": stack}[name]
    suffix = "mid" if name in ("notes", "music", "roll") else "npz"
    files = [str(path) for path in sorted(pathlib.Path(folder).rglob(f"*.{suffix}"))]
    files = [path for path in files if works(task, path)]
    best = float("inf")
    for _ in range(PASSES):
        start = time.process_time()
        for path in files:
            task(path)
        best = min(best, time.process_time() - start)
    each = best / len(files) * 1e6
    print(f"{name}\t{len(files)} files\t{each:.1f} us a file\t{1e6 / each:.0f} files a second")


main()
