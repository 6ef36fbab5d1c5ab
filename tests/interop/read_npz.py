"""What pypianoroll holds after loading each file: JSON by file name."""
import json
import pathlib
import sys

import numpy as np
import pypianoroll

KINDS = {pypianoroll.BinaryTrack: "binary", pypianoroll.StandardTrack: "standard"}


def described(path):
    piece = pypianoroll.load(path)
    tracks = []
    for track in piece.tracks:
        steps, pitches = np.nonzero(track.pianoroll)
        values = track.pianoroll[steps, pitches].astype(int)
        tracks.append({
            "name": track.name,
            "program": int(track.program),
            "is_drum": bool(track.is_drum),
            "kind": KINDS[type(track)],
            "shape": list(track.pianoroll.shape),
            "cells": np.stack([steps, pitches, values], 1).tolist(),
        })
    return {
        "name": piece.name,
        "resolution": int(piece.resolution),
        # As text, which is exact.
        "tempo": [repr(float(tempo)) for tempo in piece.tempo.ravel()],
        "downbeats": np.nonzero(piece.downbeat.ravel())[0].tolist(),
        "tracks": tracks,
    }


# Files of phrases, which it does not know, are called otherwise.
files = [path for path in sorted(pathlib.Path(sys.argv[1]).glob("*.npz")) if path.stem != "phrases"]
json.dump({path.name: described(path) for path in files}, sys.stdout)
