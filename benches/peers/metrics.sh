#!/usr/bin/env bash
# Measures of bars, ours and others', in turns on the same bars: benches/peers/metrics.sh [ROUNDS]
#
# PYTHON names an interpreter with the packages of benches/peers/requirements.txt (default python3), OURS our
# benchmark if it is built already. One thread each. Prints for each way of doing it the bars a second of the
# processor's time (median of the rounds) and how many times as fast we are: the median of the rounds' ratios
# and, in brackets, the least and the greatest.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}
python=${PYTHON:-python3}
ours=${OURS:-}
if [ -z "$ours" ]; then
    ours=$(cargo bench --no-run --bench metrics 2>&1 | sed -n 's/.*(\(.*metrics-[0-9a-f]*\))$/\1/p')
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
bars=$(mktemp -d)
trap 'rm -rf "$bars"' EXIT
"$ours" write "$bars/bars.npy"
for _ in $(seq "$rounds"); do
    "$ours"
    "$python" benches/peers/metrics.py "$bars/bars.npy"
done | "$python" -c '
import collections, statistics, sys
rounds = collections.defaultdict(list)
for line in sys.stdin:
    name, *_, rate = line.rstrip("\n").split("\t")
    if name == "measure_phrases" and "\texact\t" not in line or name == "features" or name.startswith("muspy"):
        continue
    rounds[name].append(float(rate.split(" ")[0]))
ours = rounds.pop("measure_phrases")
print(f"ours: {statistics.median(ours):.0f} bars a second")
for name, rates in rounds.items():
    ratios = sorted(a / b for a, b in zip(ours, rates))
    spread = f"({ratios[0]:.0f} to {ratios[-1]:.0f}, {len(ratios)} rounds)"
    print(f"{name}: {statistics.median(rates):.0f} bars a second, we are {statistics.median(ratios):.0f} times as fast {spread}")
'
