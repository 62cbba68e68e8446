#!/usr/bin/env bash
# Starts a bed: a real control plane, the KubeRay operator and a stand-in kubelet inside namespaces of their own.
# Prints the path of the kubeconfig once all is up.
# usage: up.sh [OPTION]... [KUBELET_OPTION]...
#   --sidecar tandem|ray            which autoscaler runs beside a Ray head (tandem); ours also under `ray` where its image is named tandem
#   --metrics SECONDS               adds a server of the three metrics APIs that samples every SECONDS (metrics_server.py)
#   --controllers LIST              for kube-controller-manager, as '*,-horizontal-pod-autoscaler-controller'
#   --controller-manager-flag FLAG  a further flag of kube-controller-manager; may be repeated
#   --operator-flag FLAG            a further flag of the KubeRay operator; may be repeated
#   --port PORT                     of the API server on 127.0.0.1 (a free one)
#   --tied                          stays, and ends the bed when standard input closes
#   --check                         only tells whether this machine can have a bed
#   others                          go to the kubelet: see `kubelet.py --help`
# env: TANDEM_BED_RUN (one bed per directory), TANDEM_BED_CACHE
set -euo pipefail
. "$(dirname "$0")/common.sh"

sidecar=tandem metrics='' controllers='*' port=0 tied='' check='' controller_flags=() operator_flags=() kubelet_options=()
while [ $# -gt 0 ]; do
  case $1 in
    --sidecar) sidecar=${2:?} ;;
    --metrics) metrics=${2:?} ;;
    --controllers) controllers=${2:?} ;;
    --controller-manager-flag) controller_flags+=("${2:?}") ;;
    --operator-flag) operator_flags+=("${2:?}") ;;
    --port) port=${2:?} ;;
    --sidecar-path | --show | --hold | --node | --starts | --entrypoint) kubelet_options+=("$1" "${2:?}") ;;
    --tied) tied=1 ;;
    --check) check=1 ;;
    *) fail 2 "no such option: $1 (the head of up.sh lists them)" ;;
  esac
  case $1 in --tied | --check) shift ;; *) shift 2 ;; esac
done
case $sidecar in tandem | ray) ;; *) fail 2 "--sidecar is tandem or ray, not $sidecar" ;; esac

[ "$(uname -s)" = Linux ] || fail 2 "a bed needs Linux: it is made of network, mount and process namespaces"
[ "$(id -u)" = 0 ] || fail 2 "a bed needs root: it makes network, mount and process namespaces, which this machine keeps from others"
unshare --mount --net --pid --fork --kill-child true 2> /dev/null ||
  fail 2 "this machine refuses network, mount and process namespaces (a container needs CAP_SYS_ADMIN for them), and a bed is made of them"
[ -z "$check" ] || exit 0

[ -z "$(bed_pid)" ] || fail 1 "a bed already runs in $RUN: end it with down.sh, or set TANDEM_BED_RUN to another directory"
if [ -e "$RUN" ] && { [ -L "$RUN" ] || [ ! -O "$RUN" ] || { [ ! -e "$RUN/.bed" ] && [ -n "$(ls -A "$RUN")" ]; }; }; then
  fail 2 "$RUN is there and is no directory of a bed: set TANDEM_BED_RUN to another one"
fi

# Every container sees the clone and Node, so that either autoscaler can be run in any of them.
node=$(command -v node) || fail 2 "node is not on PATH"
node=$(dirname "$(realpath "$node")")
kubelet_options+=(--show "$CLONE" --show "$node" --entrypoint "tandem=$CLONE/bin/tandem.js" --node-path "$node")
if [ "$sidecar" = tandem ]; then
  [ -x "$CLONE/bin/ray" ] || fail 2 "bin/ray is not in this clone, so the sidecar cannot be Tandem: say --sidecar ray"
  [ -e "$CLONE/dist/cli/main.js" ] || fail 2 "the program is not built yet: run \`npm run build\` first"
  kubelet_options+=(--sidecar-path "$CLONE/bin")
fi

[ -z "$tied" ] || { exec {LIFELINE}<&0; export LIFELINE; }
built || "$BED_DIR/build.sh"

rm -rf "$RUN"
mkdir -p "$RUN"
chmod 700 "$RUN"
mkdir -p "$RUN/pki" "$RUN/logs/pods"
touch "$RUN/.bed"
printf '{ "sidecar": "%s", "kubectl": "%s", "samples": "%s", "venv": "%s", "rayVersion": "%s" }\n' \
  "$sidecar" "$BIN/kubectl" "$MANIFESTS/samples" "$VENV" "$RAY_VERSION" > "$RUN/bed.json"
declare -p metrics controllers port controller_flags operator_flags kubelet_options > "$RUN/settings"
exec {host_netns}< /proc/self/ns/net # for the one door to this host's loopback
# Nothing else of this environment comes along: a proxy's address or a kubeconfig would confuse the control plane.
setsid env -i HOME="$HOME" PATH="$PATH" LANG=C.UTF-8 TANDEM_BED_RUN="$RUN" TANDEM_BED_CACHE="$CACHE" \
  ${LIFELINE:+LIFELINE="$LIFELINE"} HOST_NETNS="$host_netns" \
  unshare --mount --net --pid --fork --kill-child -- "$BED_DIR/machine/machine.sh" > "$RUN/logs/machine.log" 2>&1 < /dev/null &
pid=$!
exec {host_netns}<&-
echo "$pid $(proc_start $pid)" > "$RUN/pid"
trap '"$BED_DIR/down.sh" 2> /dev/null; exit 130' INT TERM HUP

begin=$SECONDS told=$SECONDS
until [ -s "$RUN/kubeconfig" ]; do
  if [ -z "$(proc_start $pid)" ]; then
    [ -e "$RUN/.bed" ] || fail 1 "somebody removed $RUN while the bed started"
    tail -n 5 "$RUN/logs/machine.log" >&2
    fail 1 "the bed did not start; logs in $RUN/logs"
  fi
  if [ $((SECONDS - told)) -ge $PROGRESS_SECONDS ]; then
    told=$SECONDS
    say "starting, $((SECONDS - begin)) s: $(tail -n 1 "$RUN/logs/machine.log" | sed 's/^bed: //')"
  fi
  sleep 0.2
done
say "up after $((SECONDS - begin)) s"
echo "$RUN/kubeconfig"
if [ -n "$tied" ]; then
  wait $pid || true
  "$BED_DIR/down.sh" 2> /dev/null
fi
