#!/usr/bin/env bash
# One sweep over the cores of this machine, or over machines, with GNU parallel:
#
#     scripts/cluster/parallel.sh 16 scripts/cluster/sweep.rhai hybrid 64
#
# The first argument is the number of shares, the second the script, the rest what the script takes.
# RICERCAR names the program, TABLE what the script saves. Without GNU parallel, xargs runs the shares.
set -euo pipefail
shares=$1; shift
program=${RICERCAR:-ricercar}
table=${TABLE:-out/threshold.csv}

# Each share computes on one thread: the shares are what runs side by side. For other machines, add
# `--sshloginfile nodes --workdir .` where they see this folder too.
export RAYON_NUM_THREADS=1
if command -v parallel >/dev/null; then
    parallel --halt soon,fail=1 "$program" --quiet --shard "{}/$shares" run "$@" ::: $(seq "$shares")
else
    seq "$shares" | xargs -P "$(nproc)" -I{} "$program" --quiet --shard "{}/$shares" run "$@"
fi

# A script that has stopped can simply be started again: `resume` skips what is done.
"$program" merge "$table" "${table%.*}".shard-*-of-"$shares".journal
