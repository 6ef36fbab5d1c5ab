#!/usr/bin/env bash
# Everything beside what people use, in turns on two cores: benches/peers/all.sh [ROUNDS] [PART]…
#
# Prints the machine, the versions, and the table that benches/peers/cpu.py makes; its head says what the parts
# are. PYTHON names an interpreter with the packages of benches/peers/requirements.txt that there are (default
# python3), CORES the processors to run on (default 0,1), BUILT a folder with our programs if they are built
# already: `ricercar` and the benchmarks `cpu`, `files`, `metrics` and `statistics`.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3} cores=${CORES:-0,1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
built=${BUILT:-$work/built}
if [ -z "${BUILT:-}" ]; then
    mkdir "$built"
    cargo build --release --message-format json \
        --bin ricercar --bench cpu --bench files --bench metrics --bench statistics |
        "$python" -c '
import json, os, sys
for line in sys.stdin:
    made = json.loads(line)
    if made.get("executable") and made["target"]["kind"] != ["custom-build"]:
        os.symlink(made["executable"], os.path.join(sys.argv[1], made["target"]["name"]))
' "$built"
fi
threads=$(echo "$cores" | tr , '\n' | wc -l)
export THREADS=$threads RAYON_NUM_THREADS=$threads OMP_NUM_THREADS=$threads OPENBLAS_NUM_THREADS=$threads
export JAX_PLATFORMS=cpu CUDA_VISIBLE_DEVICES= PYTHONDONTWRITEBYTECODE=1

echo "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), processors $cores of $(nproc --all);" \
    "load $(cut -d' ' -f1-3 /proc/loadavg); $("$built/ricercar" --version)"
"$python" - <<'END'
import importlib.metadata as packages
import platform

found = [f"Python {platform.python_version()}"]
for name in ("torch", "onnxruntime", "jax", "numpy", "scipy", "symusic", "muspy", "pypianoroll"):
    try:
        found.append(f"{name} {packages.version(name)}")
    except packages.PackageNotFoundError:
        found.append(f"no {name}")
print(", ".join(found))
END
taskset -c "$cores" "$python" -W ignore benches/peers/cpu.py "$built" "$work/files" "$@"
