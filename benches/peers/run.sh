#!/usr/bin/env bash
# Ours and others on the same files, in turns: benches/peers/run.sh MIDI_FOLDER NPZ_FOLDER [ROUNDS]
#
# PYTHON names an interpreter with the packages of benches/peers/requirements.txt (default python3). Prints
# for each task the time a file takes on both sides (median of the rounds) and how many times as fast we are:
# the median of the rounds' ratios and, in brackets, the least and the greatest.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
midi=$1 npz=$2 rounds=${3:-5}
python=${PYTHON:-python3}
ours=${OURS:-}
if [ -z "$ours" ]; then
    ours=$(cargo bench --no-run --bench files 2>&1 | sed -n 's/.*(\(.*files-[0-9a-f]*\))$/\1/p')
fi

# Microseconds a file, from a line of either side.
each() { awk -F'\t' '{ split($3, words, " "); print words[1] }'; }

for task in notes roll songs stack; do
    case $task in notes | roll) folder=$midi ;; *) folder=$npz ;; esac
    for _ in $(seq "$rounds"); do
        a=$("$ours" "$task" "$folder" | each)
        b=$("$python" -W ignore benches/peers/files.py "$task" "$folder" | each)
        echo "$a $b"
    done | "$python" -c '
import statistics, sys
rounds = [tuple(map(float, line.split())) for line in sys.stdin]
ratios = sorted(b / a for a, b in rounds)
ours, theirs = (statistics.median(side) for side in zip(*rounds))
name, middle = sys.argv[1], statistics.median(ratios)
spread = f"({ratios[0]:.2f} to {ratios[-1]:.2f}, {len(rounds)} rounds)"
print(f"{name}: ours {ours:.1f} us, theirs {theirs:.1f} us a file: {middle:.2f} times as fast {spread}")
' "$task"
done
