#!/usr/bin/env bash
# Installs and builds everything the bed needs into a cache outside the clone. Safe to repeat and to break off: a finished
# step is skipped. The first time it takes about 20 minutes of processor time, and says every few seconds where it is.
# usage: build.sh            env: TANDEM_BED_CACHE (default ~/.cache/tandem-bed)
set -euo pipefail
. "$(dirname "$0")/common.sh"
# shellcheck disable=SC2154
. "$BED_DIR/steps.sh"

packages() {
  local missing=() pair
  # wget: probes of older Ray and of Serve workers run it
  for pair in etcd:etcd-server ip:iproute2 openssl:openssl curl:curl wget:wget nsenter:util-linux setpriv:util-linux findmnt:util-linux; do
    command -v "${pair%%:*}" > /dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -eq 0 ] || apt "${missing[@]}"
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

mkdir -p "$BIN"
fill_alone
built && { say "all is there: $CACHE"; exit 0; }
say "filling $CACHE: about 20 minutes of processor time the first time"
packages
ray
operator
kubernetes
say "ready: $CACHE ($(du -sh "$CACHE" | cut -f 1))"
