"""The measures of `benches/metrics.rs` done by others, on the same bars: python metrics.py BARS.npy

BARS.npy is what `cargo bench --bench metrics -- write BARS.npy` writes, `[bar, step, pitch, track]`: 96 steps,
84 pitches from C1, tracks drums, piano, guitar, bass, strings. Two ways to get the measures of a bar:

* numpy, all bars at once, in blocks that fit the cache best;
* pypianoroll, a call for each measure of each track of each bar. Its drum pattern refuses a bar of 96 steps
  and its tonal distance a bar at 24 steps a beat, so those two are left out, which is to its advantage.

MusPy measures pieces, not bars: its twelve measures of the mix stand beside the features of a piece, which here are
of each track and of the mix.

Prints bars (of MusPy, pieces) a second of the processor's time, the median of several runs, as the benchmark does.
"""
import importlib.util
import sys
import time
import warnings

import numpy as np

RUNS = 5
BLOCK = 100
DRUMS = 0
PITCHED = [1, 2, 3, 4]
PAIRS = [(a, b) for i, a in enumerate(PITCHED) for b in PITCHED[i + 1 :]]
IN_C_MAJOR = np.isin(np.arange(84) % 12, [0, 2, 4, 5, 7, 9, 11])
# Weight of an onset by its step: on a sixteenth, beside it, between.
GRID = np.resize([1.0, 0.1, 0.0, 0.0, 0.0, 0.1], 96)


def tonal_space():
    angle = np.arange(12)[:, None] * np.pi * np.array([7 / 6, 3 / 2, 2 / 3])
    radius = np.array([1.0, 1.0, 0.5])
    return np.concatenate([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


SPACE = tonal_space()


def with_numpy(bars):
    """Eight measures of five tracks and of the mix, and six tonal distances, of a block of bars."""
    tracks = np.moveaxis(bars, 3, 1)  # [bar, track, step, pitch]
    mix = tracks[:, PITCHED].any(axis=1, keepdims=True)
    parts = np.concatenate([tracks, mix], axis=1)
    count = len(bars)
    with np.errstate(invalid="ignore", divide="ignore"):
        at_once = parts.sum(axis=3, dtype=np.int32)
        empty = ~at_once.any(axis=2)
        used = parts.any(axis=2)
        pitches = used.sum(axis=2)
        classes = used.reshape(count, 6, 7, 12).any(axis=2).sum(axis=2)
        before = np.zeros_like(parts)
        before[:, :, 1:] = parts[:, :, :-1]
        starts = parts & ~before
        starts[:, -1] = starts[:, PITCHED].any(axis=1)
        after = np.zeros_like(parts)
        after[:, :, :-1] = parts[:, :, 1:]
        notes = starts.sum(axis=(2, 3), dtype=np.int32)
        qualified = (starts & after).sum(axis=(2, 3), dtype=np.int32) / notes
        polyphonic = (at_once >= 2).mean(axis=2)
        in_scale = starts[..., IN_C_MAJOR].sum(axis=(2, 3), dtype=np.int32) / notes
        hits = starts[:, DRUMS].sum(axis=2, dtype=np.int32)
        pattern = hits @ GRID / hits.sum(axis=1)
        cells = tracks[:, PITCHED].reshape(count, 4, 4, 24, 7, 12).sum(axis=(3, 4), dtype=np.int32)
        points = cells / cells.sum(axis=3, keepdims=True) @ SPACE
        apart = [np.linalg.norm(points[:, a - 1] - points[:, b - 1], axis=2) for a, b in PAIRS]
    undefined = np.where(empty, np.nan, 0.0)
    of_bars = [notes, pitches, classes, qualified, polyphonic, in_scale]
    means = [empty.mean(axis=0)] + [np.nansum(value + undefined, axis=0) for value in of_bars]
    return means, np.nansum(pattern), [np.nansum(distance) for distance in apart]


def with_pypianoroll(bars):
    import pypianoroll

    for bar in bars:
        for track in range(bar.shape[2]):
            roll = bar[:, :, track]
            if not roll.any():
                continue
            pypianoroll.n_pitches_used(roll)
            pypianoroll.n_pitch_classes_used(roll)
            pypianoroll.empty_beat_rate(roll, 24)
            if track != DRUMS:
                pypianoroll.qualified_note_rate(roll.astype(np.int8))
                pypianoroll.polyphonic_rate(roll)
                pypianoroll.in_scale_rate(roll)


def as_muspy(piece):
    """Four bars as MusPy has music, which its own reader of rolls makes."""
    import muspy

    music = muspy.Music(resolution=24)
    for track in range(piece.shape[2]):
        roll = np.pad(piece[:, :, track], ((0, 0), (24, 20)))
        read = muspy.from_pianoroll_representation(roll, resolution=24, encode_velocity=False)
        read[0].is_drum = track == DRUMS
        music.append(read[0])
    return music


def with_muspy(pieces):
    import muspy

    for music in pieces:
        muspy.pitch_range(music)
        muspy.n_pitches_used(music)
        muspy.n_pitch_classes_used(music)
        muspy.polyphony(music)
        muspy.polyphony_rate(music)
        muspy.pitch_in_scale_rate(music, 0, "major")
        muspy.scale_consistency(music)
        muspy.pitch_entropy(music)
        muspy.pitch_class_entropy(music)
        muspy.empty_beat_rate(music)
        muspy.empty_measure_rate(music, 96)
        muspy.groove_consistency(music, 96)


def bars_a_second(work, count):
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return count / sorted(times[1:])[RUNS // 2]


def main():
    bars = np.load(sys.argv[1])
    warnings.simplefilter("ignore")
    blocks = [bars[at : at + BLOCK] for at in range(0, len(bars), BLOCK)]
    rate = bars_a_second(lambda: [with_numpy(block) for block in blocks], len(bars))
    print(f"numpy, all bars at once\t{rate:.0f} bars a second")
    # pypianoroll's rolls have 128 pitches.
    few = np.pad(bars[:200], ((0, 0), (0, 0), (24, 20), (0, 0)))
    rate = bars_a_second(lambda: with_pypianoroll(few), len(few))
    print(f"pypianoroll, a call each\t{rate:.0f} bars a second")
    if importlib.util.find_spec("muspy"):
        pieces = [as_muspy(np.concatenate(bars[at : at + 4])) for at in range(0, 80, 4)]
        rate = bars_a_second(lambda: with_muspy(pieces), len(pieces))
        print(f"muspy, a call each\t{rate:.1f} pieces a second")


if __name__ == "__main__":
    main()
