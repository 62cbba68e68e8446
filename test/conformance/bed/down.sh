#!/usr/bin/env bash
# Stops the bed. Everything it runs lives in one process namespace: when its first process dies the kernel ends all the
# others and drops the networks and mounts, also after a crash. Logs and bed.json stay in the run directory until the next up.sh.
# env: TANDEM_BED_RUN
set -euo pipefail
. "$(dirname "$0")/common.sh"

pid=$(bed_pid)
if [ -z "$pid" ]; then
  say "no bed runs in $RUN"
else
  init=$(bed_init "$pid") || init=
  kill -KILL "$pid" 2> /dev/null || true
  for ((tries = 150; tries; tries--)); do
    [ -n "$(proc_start "$pid")$(proc_start "${init:-none}")" ] || break
    sleep 0.2
  done
  [ "$tries" -gt 0 ] || fail 1 "processes $pid $init do not end"
  say "stopped; logs in $RUN/logs"
fi
rm -f "$RUN"/{pid,kubeconfig,port,settings}
rm -rf "$RUN"/{pki,state,kubectl}
