#!/usr/bin/env bash
# Makes a port of 127.0.0.1 lead to a service of the bed (in place of `kubectl port-forward`, which the bed does not have), until
# it is ended or the bed ends.
# usage: forward.sh [-n NAMESPACE] SERVICE [LOCAL:]PORT      LOCAL 0: a free one
# env: TANDEM_BED_RUN
set -euo pipefail
. "$(dirname "$0")/common.sh"
usage="usage: forward.sh [-n NAMESPACE] SERVICE [LOCAL:]PORT"

namespace=default
while getopts n: option; do
  case $option in
    n) namespace=$OPTARG ;;
    *) fail 2 "$usage" ;;
  esac
done
shift $((OPTIND - 1))
[ $# = 2 ] && [[ $2 =~ ^([0-9]{1,5}:)?[0-9]{1,5}$ ]] || fail 2 "$usage"
service=${1#service/} local=$((10#${2%:*})) port=$((10#${2#*:}))
[ "$local" -le 65535 ] && [ "$port" -ge 1 ] && [ "$port" -le 65535 ] || fail 2 "a port is at most 65535: $2"
pid=$(bed_pid)
[ -n "$pid" ] || fail 1 "no bed runs in $RUN"
KUBECONFIG=$RUN/kubeconfig KUBECACHEDIR=$RUN/kubectl "$BIN/kubectl" get service -n "$namespace" "$service" > /dev/null || exit 1

PYTHONDONTWRITEBYTECODE=1 exec python3 "$BED_DIR/machine/forward.py" "$(bed_init "$pid")" "$service" "$namespace" "$local" "$port"
