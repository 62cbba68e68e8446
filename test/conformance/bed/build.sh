#!/usr/bin/env bash
# Installs and builds everything the bed needs into a cache outside the clone. Safe to repeat and to break off: a finished
# step is skipped. The first time it takes about 20 minutes of processor time, and says every few seconds where it is.
# usage: build.sh            env: TANDEM_BED_CACHE (default ~/.cache/tandem-bed)
set -euo pipefail
. "$(dirname "$0")/common.sh"

child='' policy=''
clean_up() {
  [ -z "$child" ] || kill -TERM -- "-$child" 2> /dev/null || true
  [ -z "$policy" ] || rm -f "$policy"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# shown WHAT COMMAND...: runs a command with its output in a log, and says every few seconds how far it is.
# WATCH names a function that turns the log into words.
shown() {
  local what=$1 log=$CACHE/build.log begin=$SECONDS told=$SECONDS
  shift
  say "$what"
  setsid "$@" > "$log" 2>&1 < /dev/null &
  child=$!
  while [ -n "$(proc_start "$child")" ]; do
    if abandoned; then
      say "$what: the run that wanted it is gone"
      exit 1
    fi
    if [ $((SECONDS - told)) -ge $PROGRESS_SECONDS ]; then
      told=$SECONDS
      say "$what: $((SECONDS - begin)) s${WATCH:+, $("$WATCH" "$log")}"
    fi
    sleep 0.5
  done
  if ! wait "$child"; then
    child=''
    tail -n 20 "$log" >&2
    fail 1 "$what: failed (its last lines are above, all of them in $log)"
  fi
  child=''
  say "$what: done after $((SECONDS - begin)) s"
}

# at_least VERSION OLDEST
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# apt PACKAGE...
apt() {
  if ! command -v apt-get > /dev/null || [ "$(id -u)" != 0 ]; then
    fail 2 "please install: $* (root and apt-get are needed to do it here)"
  fi
  # Debian starts a service after installing it; the policy file says no, and goes away again.
  local no_service=/usr/sbin/policy-rc.d
  if [ ! -e $no_service ]; then
    policy=$no_service
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
  fi
  # shellcheck disable=SC2016
  shown "apt-get install $*" env DEBIAN_FRONTEND=noninteractive bash -c \
    'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' apt "$@"
  [ -z "$policy" ] || rm -f "$policy"
  policy=''
}

packages() {
  local missing=() pair
  # wget: probes of older Ray and of Serve workers run it
  for pair in etcd:etcd-server ip:iproute2 openssl:openssl curl:curl wget:wget nsenter:util-linux setpriv:util-linux findmnt:util-linux; do
    command -v "${pair%%:*}" > /dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
}

# Sets `python` to a Python that Ray has wheels for and that can make a virtual environment.
python=''
find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11 python3.10; do
    python=$(command -v "$name") || continue
    "$python" -c 'import sys, ensurepip, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2> /dev/null && return
  done
  python=''
  return 1
}
need_python() {
  find_python && return
  apt python3 python3-venv
  find_python || fail 2 "Python 3.10 to 3.13 is needed for Ray, and this system's package python3 is another one"
}

# Puts a Go that is new enough first on PATH: the machine's, or else the one in a package.
need_go() {
  local found=''
  export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
  if command -v go > /dev/null; then found=$(go env GOVERSION 2> /dev/null | sed 's/^go//; s/[ -].*//') || found=''; fi
  if [ -n "$found" ] && at_least "$found" "$GO_NEEDED"; then return; fi
  local venv=$CACHE/${GO_PACKAGE/==/-}
  if [ ! -e "$venv/.done" ]; then
    say "Go ${found:-(none)} on this machine, $GO_NEEDED is needed: taking it from the package $GO_PACKAGE"
    need_python
    "$python" -m venv --clear "$venv"
    shown "pip install $GO_PACKAGE" "$venv/bin/pip" install --quiet --disable-pip-version-check "$GO_PACKAGE"
    touch "$venv/.done"
  fi
  PATH=$venv/bin:$PATH
  found=$(go env GOVERSION | sed 's/^go//')
  at_least "$found" "$GO_NEEDED" || fail 2 "the package $GO_PACKAGE brought Go $found"
}

# For `shown`: `go build -v` names each package as it is compiled.
of_packages=0
compiled() { echo "$(grep -c -v '^go: ' "$1" || true) of at most $of_packages packages compiled"; }

# shown_build DIRECTORY PACKAGE COMMAND...: shown, for a command that compiles PACKAGE
shown_build() {
  of_packages=$(cd "$1" && go list -deps "$2" | wc -l)
  WATCH=compiled shown "building $(basename "${2/%./ray-operator}")" env -C "$1" "${@:3}"
}

# Kubernetes names its staging modules by relative path, so `go install` refuses it; a module of our own names their versions.
kubernetes() {
  local names=(kube-apiserver kube-controller-manager kube-scheduler kubectl) todo=() name
  for name in "${names[@]}"; do [ -x "$BIN/$name" ] || todo+=("k8s.io/kubernetes/cmd/$name"); done
  [ ${#todo[@]} -gt 0 ] || return 0
  need_go
  local src=$CACHE/src-$K8S_VERSION staging=v0.${K8S_VERSION#v1.} mod
  mkdir -p "$src"
  shown "fetching k8s.io/kubernetes $K8S_VERSION" env -C "$src" go mod download -json "k8s.io/kubernetes@$K8S_VERSION"
  mod=$(sed -n 's/.*"GoMod": "\(.*\)".*/\1/p' "$CACHE/build.log")
  {
    printf 'module bed\n\ngo 1.26.0\n\nrequire k8s.io/kubernetes %s\n\nreplace (\n' "$K8S_VERSION"
    sed -n "s#^\s*\(k8s.io/[a-z-]*\) => ./staging/.*#\t\1 => \1 $staging#p" "$mod"
    printf ')\n'
  } > "$src/go.mod"
  local version=k8s.io/component-base/version
  local -x GOFLAGS="-mod=mod $GOFLAGS"
  shown "fetching what Kubernetes imports" env -C "$src" go list -deps "${todo[@]}"
  for name in "${todo[@]}"; do
    shown_build "$src" "$name" go build -v -o "$BIN/" \
      -ldflags "-s -w -X $version.gitVersion=$K8S_VERSION -X $version.gitMajor=1 -X $version.gitMinor=${staging:3:2}" "$name"
  done
}

operator() {
  local module=github.com/ray-project/kuberay/ray-operator@$KUBERAY_VERSION dir
  [ ! -x "$BIN/ray-operator" ] || [ ! -e "$MANIFESTS/.done" ] || return 0
  need_go
  shown "fetching ray-operator $KUBERAY_VERSION" env -C "$CACHE" go mod download -json "$module"
  dir=$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' "$CACHE/build.log")
  if [ ! -e "$MANIFESTS/.done" ]; then
    mkdir -p "$MANIFESTS"
    cp -R "$dir/config/crd" "$dir/config/samples" "$MANIFESTS/"
    chmod -R u+w "$MANIFESTS"
    touch "$MANIFESTS/.done"
  fi
  [ -x "$BIN/ray-operator" ] || shown_build "$dir" . env GOBIN="$BIN" go install -v -ldflags "-s -w" "$module"
}

ray() {
  [ ! -e "$VENV/.done" ] || return 0
  need_python
  "$python" -m venv --clear "$VENV"
  shown "pip install ray[serve,default]==$RAY_VERSION" \
    "$VENV/bin/pip" install --quiet --disable-pip-version-check "ray[serve,default]==$RAY_VERSION"
  touch "$VENV/.done"
}

mkdir -p "$CACHE" "$BIN"
exec {lock}> "$CACHE/.lock"
told=$((SECONDS - PROGRESS_SECONDS))
until flock -n "$lock"; do # two builds at once would only slow each other down
  ! abandoned || exit 1
  if [ $((SECONDS - told)) -ge $PROGRESS_SECONDS ]; then
    told=$SECONDS
    say "another build fills $CACHE: $(tail -n 1 "$CACHE/build.log" 2> /dev/null || true)"
  fi
  sleep 0.5
done
built && { say "all is there: $CACHE"; exit 0; }
say "filling $CACHE: about 20 minutes of processor time the first time"
packages
ray
operator
kubernetes
say "ready: $CACHE ($(du -sh "$CACHE" | cut -f 1))"
