#!/usr/bin/env bash
# Tests and measures RwkvSk on a machine with an NVIDIA GPU and writes a dated report. Needs no network.
#
#   tests/gpu/run.sh                  runs everything; builds first where there is the .NET SDK
#   tests/gpu/run.sh --quick          a short soak, small models, few rounds
#   tests/gpu/run.sh --publish FILE   on a machine with the SDK: packs what a machine without one needs; unpack it there and run ./run.sh
#
# libtorch: RWKVSK_LIBTORCH_DIR where it is set, else the one of Python's torch (PYTHON names the interpreter), else the CUDA pack of a build with the SDK.
# Exit: 0 all green; 1 something failed, the report says what; 2 there is no GPU; 3 there is no libtorch with CUDA, or nothing to run.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
python="${PYTHON:-python3}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

publish() {
  local file="$1" folder
  folder="$(mktemp -d)"
  for project in Gpu.Tests Benchmarks; do
    # Without a libtorch: it is the GPU machine's.
    dotnet publish "$root/tests/$project" -c Release -r linux-x64 --self-contained -p:Torch=none -o "$folder/rwkvsk-gpu/$project"
  done
  cp "$here/run.sh" "$here/eager.py" "$folder/rwkvsk-gpu/"
  mkdir "$folder/rwkvsk-gpu/reports"
  tar -C "$folder" -czf "$file" rwkvsk-gpu
  rm -rf "$folder"
  echo "$file: unpack it on the GPU machine and run rwkvsk-gpu/run.sh"
}

quick=0
case "${1:-}" in
  --publish) publish "${2:?--publish wants a file}"; exit 0 ;;
  --quick) quick=1 ;;
  "") ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$here/run.sh" >&2; exit 64 ;;
esac

if ! nvidia-smi -L >/dev/null 2>&1 && ! compgen -G '/dev/nvidia[0-9]*' >/dev/null && [ ! -e /dev/dxg ]; then
  echo "There is no NVIDIA GPU on this machine (nvidia-smi lists none, and there is no device file): nothing was run." >&2
  exit 2
fi

# libtorch with CUDA.
if [ -z "${RWKVSK_LIBTORCH_DIR:-}" ]; then
  found="$("$python" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))' 2>/dev/null || true)"
  if [ -n "$found" ] && [ -e "$found/libtorch_cuda.so" ]; then
    export RWKVSK_LIBTORCH_DIR="$found"
  fi
fi

# The programs: packed beside this script, or built here.
if [ -x "$here/Gpu.Tests/RwkvSk.Gpu.Tests" ]; then
  tests="$here/Gpu.Tests/RwkvSk.Gpu.Tests"
  benchmarks="$here/Benchmarks/RwkvSk.Benchmarks"
elif command -v dotnet >/dev/null; then
  torch=none
  [ -n "${RWKVSK_LIBTORCH_DIR:-}" ] || torch=cuda
  for project in Gpu.Tests Benchmarks; do
    dotnet build "$root/tests/$project" -c Release -p:Torch=$torch -v q
  done
  tests="$root/artifacts/bin/RwkvSk.Gpu.Tests/release/RwkvSk.Gpu.Tests"
  benchmarks="$root/artifacts/bin/RwkvSk.Benchmarks/release/RwkvSk.Benchmarks"
else
  echo "There is neither the .NET SDK here nor a packed Gpu.Tests beside this script: run it with --publish where there is the SDK." >&2
  exit 3
fi
if [ -z "${RWKVSK_LIBTORCH_DIR:-}" ] && [ "${torch:-none}" = none ]; then
  echo "There is no libtorch with CUDA: set RWKVSK_LIBTORCH_DIR to the lib folder of a Python torch, or PYTHON to an interpreter that has one." >&2
  exit 3
fi

name="$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 || true)"
name="${name:-unknown GPU}"
slug="$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//')"
report="$here/reports/$(date -u +%F)-$slug.md"
log="${report%.md}.log"
mkdir -p "$here/reports"
: >"$log"
failed=0

{
  echo "# $name, $(date -u +%F)"
  echo
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,clocks.max.memory,power.limit --format=csv,noheader 2>/dev/null | sed 's/^/- GPU: /' || true
  echo "- Host: $(uname -sr), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores"
  echo "- libtorch: ${RWKVSK_LIBTORCH_DIR:-the CUDA pack}"
  git -C "$root" log -1 --format='- Commit: %h, %ad' --date=short 2>/dev/null || true
} >"$report"

# title, command: runs it, keeps what it says, notes in the report whether it passed.
step() {
  local title="$1" status=0
  shift
  echo "$title ..."
  { echo "== $title"; "$@"; } >>"$log" 2>&1 || status=$?
  if [ "$status" -eq 0 ]; then
    echo "- $title: passed" >>"$report"
  else
    failed=1
    echo "- $title: FAILED (exit $status), see $(basename "$log")" >>"$report"
  fi
}

printf '\n## Tests\n\n' >>"$report"
if [ "$quick" = 1 ]; then export RWKVSK_GPU_SOAK="${RWKVSK_GPU_SOAK:-5000}"; fi
step "tests, with a soak of ${RWKVSK_GPU_SOAK:-100000} tokens" "$tests"
grep -aoE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1 | sed 's/^/- /' >>"$report" || true
if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck; do
    step "compute-sanitizer $tool over the laws of decoding" \
      compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all "$tests" -method "*A_graph_gives_the_bits_of_its_launches*" -method "*A_row_of_a_batch*"
  done
else
  echo "- compute-sanitizer is not installed: not run" >>"$report"
fi

printf '\n## Measured\n\n' >>"$report"
figures="$(mktemp)"
if [ "$quick" = 1 ]; then
  sizes=(--sizes rwkv7-0.1B --batches 1 8 --flat-to 4096 --rounds 3)
else
  sizes=(--rounds 7)
fi
step "benchmarks" "$benchmarks" gpu "${sizes[@]}" --out "$figures"
cat "$figures" >>"$report"

printf '\n## The same work by PyTorch\n\n' >>"$report"
if "$python" -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  eager=()
  [ "$quick" = 0 ] || eager=(--quick)
  if ! "$python" "$here/eager.py" "${eager[@]}" --ours "$figures" >>"$report" 2>>"$log"; then
    failed=1
    echo "- eager.py failed, see $(basename "$log")" >>"$report"
  fi
else
  echo "There is no torch with CUDA in $python: not measured." >>"$report"
fi
rm -f "$figures"
echo "$report"
exit "$failed"
