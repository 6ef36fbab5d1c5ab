#!/usr/bin/env bash
# One sweep as an array of Slurm jobs:
#
#     sbatch --array=1-16 scripts/cluster/slurm.sh scripts/cluster/sweep.rhai hybrid 256
#
# Every job does its share; the one that ends last merges. All must see this folder.
#SBATCH --job-name=ricercar-sweep
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=01:00:00
#SBATCH --requeue
set -euo pipefail
program=${RICERCAR:-ricercar}
table=${TABLE:-out/threshold.csv}
share=$SLURM_ARRAY_TASK_ID shares=$SLURM_ARRAY_TASK_COUNT

# A job that was put back into the queue goes on where it was: the script says `resume: true`.
export RAYON_NUM_THREADS=$SLURM_CPUS_PER_TASK
"$program" --quiet --shard "$share/$shares" run "$@"

# Refused while shares are missing or not done, so the last job's merge is the one that writes.
"$program" --quiet merge "$table" "${table%.*}".shard-*-of-"$shares".journal || true
