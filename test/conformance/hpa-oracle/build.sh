#!/usr/bin/env bash
# Builds the HPA oracle into the bed's cache and prints the path of the program, the only line on standard output. Safe to repeat and
# to break off. The first time it compiles a good part of Kubernetes: minutes, and it says every few seconds where it is.
# usage: build.sh [--where]    --where only looks: exit code 3 when this version of it is not built
# env: TANDEM_BED_CACHE (default ~/.cache/tandem-bed)
# shellcheck disable=SC2034
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../bed/common.sh"
. "$BED_DIR/steps.sh"
cd "$HERE"

# The program is kept under a name made from everything it is built from, in one order everywhere.
key=$(export LC_ALL=C && { echo "$GO_NEEDED"; cat -- *.go *.s go.mod go.sum; } | sha256sum | cut -c 1-16)
program=$CACHE/hpa-oracle-$K8S_VERSION/$key

if [ -x "$program" ]; then
  echo "$program"
  exit 0
fi
[ "${1:-}" != --where ] || exit 3
grep -q "k8s.io/kubernetes $K8S_VERSION$" go.mod || fail 1 "go.mod is not of Kubernetes $K8S_VERSION"

fill_alone
if [ ! -x "$program" ]; then
  need_go only
  mkdir -p "${program%/*}"
  shown "fetching what the HPA oracle imports" go list -mod=readonly -deps .
  of_packages=$(go list -mod=readonly -deps . | wc -l)
  # -checklinkname=0: link.go reaches unexported functions of the runtime and of the controller
  WATCH=compiled shown "building the HPA oracle" \
    go build -v -mod=readonly -ldflags "-s -w -checklinkname=0" -o "$program.new" .
  mv -f "$program.new" "$program"
fi
echo "$program"
