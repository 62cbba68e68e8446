#!/usr/bin/env bash
# Runs a command inside a container of a pod (what `kubectl exec` does): its network, root, processes and environment. The
# command gets SIGTERM when this process ends.
# usage: enter.sh [-n NAMESPACE] [-c CONTAINER] POD [COMMAND...]      default: the first container, bash
#        enter.sh [-n NAMESPACE] [-c CONTAINER] -k SIGNAL POD         a signal for the container's process 1 instead
# env: TANDEM_BED_RUN
set -euo pipefail
. "$(dirname "$0")/common.sh"
usage="usage: enter.sh [-n NAMESPACE] [-c CONTAINER] [-k SIGNAL] POD [COMMAND...]"

namespace=default container='' signal=''
while getopts n:c:k: option; do
  case $option in
    n) namespace=$OPTARG ;;
    c) container=$OPTARG ;;
    k) signal=$OPTARG ;;
    *) fail 2 "$usage" ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || fail 2 "$usage"
pod=$1
shift
[ $# -gt 0 ] || set -- bash
pid=$(bed_pid)
[ -n "$pid" ] || fail 1 "no bed runs in $RUN"

# shellcheck disable=SC2016 # expanded by the bash inside
exec nsenter --target "$(bed_init "$pid")" --mount --pid -- setpriv --pdeathsig TERM bash -c '
  pod=$1/state/names/$2_$3 container=$4 signal=$5 term=$6
  shift 6
  [ -d "$pod" ] || { echo "bed: no pod ${pod##*/} runs for real" >&2; exit 1; }
  [ -n "$container" ] || container=$(cat "$pod/first")
  dir=$pod/$container
  pid=$(cat "$dir/pid" 2> /dev/null) || { echo "bed: container $container of ${pod##*/} does not run" >&2; exit 1; }
  [ -z "$signal" ] || exec kill -s "$signal" "$pid"
  mapfile -d "" -t env < "$dir/env"
  exec nsenter --target "$pid" --mount --uts --ipc --net --pid --root -- setpriv --pdeathsig TERM \
    env -i --chdir="$(cat "$dir/cwd")" "${env[@]}" TERM="$term" "$@"
' bash "$RUN" "$namespace" "$pod" "$container" "$signal" "${TERM:-dumb}" "$@"
