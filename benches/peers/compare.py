"""What `benches/statistics.rs` measures, done with scipy on one core: python compare.py

Prints the same numbers of the same points and the time that each takes, the median of some runs.
"""
import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import statistics
import time

import numpy as np
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist, pdist
from scipy.stats import gaussian_kde


def points(count, size, state):
    values = np.empty(count * size)
    for place in range(values.size):
        state = state * 48271 % 2147483647
        values[place] = state / 2147483647
    return values.reshape(count, size)


def overlap(made, real):
    """Overlap area and divergence on one grid of 1,000 points, within made against between."""
    samples = [pdist(made), pdist(real), cdist(made, real).ravel()]
    width = max(len(sample) ** -0.2 * sample.std(ddof=1) for sample in samples)
    low, high = min(map(np.min, samples)), max(map(np.max, samples))
    grid = np.linspace(low - 3 * width, high + 3 * width, 1000)

    def density(sample):
        mass = gaussian_kde(sample)(grid)
        mass = np.maximum(mass / mass.sum(), 1e-12)
        return mass / mass.sum()

    within, among, between = map(density, samples)
    divergence = (within * np.log(within / between)).sum(), (within * np.log(within / among)).sum()
    return np.minimum(within, between).sum(), divergence


def frechet(made, real):
    first, second = np.cov(made.T), np.cov(real.T)
    root = sqrtm(first @ second).real
    return ((made.mean(0) - real.mean(0)) ** 2).sum() + np.trace(first + second - 2 * root)


def coverage(made, real, k=5):
    """Precision, recall, density and coverage; gives the last."""
    own, other, between = cdist(real, real), cdist(made, made), cdist(made, real)
    real_radii = np.partition(own, k, axis=1)[:, k]
    made_radii = np.partition(other, k, axis=1)[:, k]
    held = between <= real_radii
    precision, density = held.any(1).mean(), held.sum() / k / len(made)
    recall = (between <= made_radii[:, None]).any(0).mean()
    return held.any(0).mean(), (precision, recall, density)


def report(name, runs, task):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        found = task()
        times.append(time.perf_counter() - start)
    value = found[0] if isinstance(found, tuple) else found
    print(f"{name}\t{value:.6f}\t{statistics.median(times) * 1e3:.3f} ms", flush=True)


def main():
    for size, name in ((1, "a number"), (144, "144 numbers")):
        made, real = points(200, size, 1), points(200, size, 2)
        report(f"overlap and divergence, {name}, 200 against 200", 3, lambda: overlap(made, real))
    for size in (64, 256):
        made, real = points(1000, size, 1), points(1000, size, 2)
        report(f"Fréchet distance, 1,000 against 1,000 of {size}", 5, lambda: frechet(made, real))
    made, real = points(2000, 64, 1), points(2000, 64, 2)
    name = "precision, recall, density, coverage, 2,000 against 2,000 of 64"
    report(name, 3, lambda: coverage(made, real))


main()
