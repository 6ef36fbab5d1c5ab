"""Files by pypianoroll, pretty_midi and numpy, to be read by us: the same ones every time."""
import pathlib
import sys

import numpy as np
import pretty_midi
import pypianoroll

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(4)

for number, (resolution, kind) in enumerate([(24, "standard"), (12, "binary"), (4, "standard"), (24, "binary")]):
    beats = 4 * (number + 3)
    steps = beats * resolution
    tracks = []
    for program, is_drum in [(0, True), (0, False), (25, False), (33, False), (48, False)]:
        cells = random.random((steps, 128)) < 0.03
        if kind == "standard":
            roll = (cells * random.integers(1, 128, cells.shape)).astype(np.uint8)
            track = pypianoroll.StandardTrack
        else:
            roll, track = cells, pypianoroll.BinaryTrack
        tracks.append(track(name=f"part {program}", program=program, is_drum=is_drum, pianoroll=roll))
    downbeat = np.zeros((steps, 1), bool)
    downbeat[:: 4 * resolution] = True
    tempo = np.full((steps, 1), 97.5)
    tempo[steps // 2 :] = 140.0
    piece = pypianoroll.Multitrack(
        name=f"song {number}", resolution=resolution, tempo=tempo, downbeat=downbeat, tracks=tracks
    )
    piece.save(folder / f"song_{number}.npz")

for number, resolution in enumerate([220, 96, 480]):
    song = pretty_midi.PrettyMIDI(resolution=resolution, initial_tempo=90 + 20 * number)
    song.time_signature_changes = [pretty_midi.TimeSignature(3, 4, 0.0)]
    for program, is_drum in [(0, False), (33, False), (0, True), (95, False)]:
        part = pretty_midi.Instrument(program, is_drum, name=f"part {program}")
        for pitch in random.choice(np.arange(128), 20, replace=False):
            ends = np.cumsum(random.integers(1, resolution, 12))
            for start, end in zip(ends[::2], ends[1::2]):
                velocity = int(random.integers(1, 128))
                times = song.tick_to_time(int(start)), song.tick_to_time(int(end))
                part.notes.append(pretty_midi.Note(velocity, int(pitch), *times))
        song.instruments.append(part)
    song.write(str(folder / f"song_{number}.mid"))

phrases = random.random((3, 4, 48, 84, 5)) < 0.02
np.save(folder / "phrases.npy", phrases)
np.save(folder / "velocities.npy", (phrases * 90).astype(np.uint8))
np.save(folder / "fortran.npy", np.asfortranarray(phrases.astype(np.float64)))
np.savez_compressed(folder / "phrases.npz", shape=phrases.shape, nonzero=np.array(phrases.nonzero()))
