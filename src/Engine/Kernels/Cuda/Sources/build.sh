#!/usr/bin/env bash
# Makes kernels.ptx of kernels.cu, into the folder above or the file that is named. Needs Debian's clang-19 and nothing of CUDA's; the same compiler gives the same bytes.
# sm_80: every later GPU's driver compiles it further. PTX 7.5: drivers since 2021. No contraction: which product is fused with which sum is written in the source.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
target="${1:-../kernels.ptx}"
"${CLANG:-clang++-19}" -x cuda -std=c++20 --cuda-device-only --cuda-gpu-arch=sm_80 --cuda-feature=+ptx75 -nocudainc -nocudalib \
    -O3 -ffp-contract=off -Wall -Wextra -Werror -Wno-unused-function -S kernels.cu -o "$target"
