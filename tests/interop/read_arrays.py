"""What numpy.load reads in each array and each sparse file of phrases: JSON by file name."""
import hashlib
import json
import pathlib
import sys

import numpy as np


def described(array):
    data = np.ascontiguousarray(array)
    return {
        "shape": list(data.shape),
        "type": str(data.dtype),
        "sum": float(data.sum()),
        "sha256": hashlib.sha256(data.tobytes()).hexdigest(),
    }


told = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    loaded = np.load(path)
    if path.suffix == ".npy":
        told[path.name] = described(loaded)
    else:
        # As the training programs of the original read it.
        dense = np.zeros(loaded["shape"], bool)
        dense[tuple(loaded["nonzero"])] = True
        told[path.name] = described(dense)
json.dump(told, sys.stdout)
