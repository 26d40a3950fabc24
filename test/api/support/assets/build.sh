#!/usr/bin/env bash
# Builds programs of Kubernetes from their Go modules, once, into a cache folder, and prints that folder on stdout; progress
# goes to stderr. A later call with the same sources answers at once.
#
#   build.sh [control-plane]  etcd, kube-apiserver, kube-controller-manager and kubectl
#   build.sh kubelet          kubelet and kube-proxy, of the version that K3s has in the tests with real nodes
#
# Environment:
#   KUBEBUILDER_ASSETS  a folder that already holds the control plane: printed as it is, nothing is built
#   XDG_CACHE_HOME      where the cache folder lies, ~/.cache when unset
#
# Exit status: 0 done, 1 the build failed, 64 it was called wrongly, 69 nothing to build with (no Go), 78 KUBEBUILDER_ASSETS is not usable.
set -euo pipefail

readonly EXIT_USAGE=64
readonly EXIT_NO_GO=69
readonly EXIT_BAD_ASSETS=78
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here

say() { printf 'test assets: %s\n' "$*" >&2; }

# macOS has no sha256sum, and shasum is missing from small Linux images.
sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

# The controller manager is not asked for: the usual download for KUBEBUILDER_ASSETS comes without it.
use_given_assets() {
  local program missing=()
  for program in etcd kube-apiserver kubectl; do
    [[ -f "$1/$program" && -x "$1/$program" ]] || missing+=("$program")
  done
  if ((${#missing[@]})); then
    say "KUBEBUILDER_ASSETS=$1 lacks ${missing[*]}: point it to a folder with etcd, kube-apiserver and kubectl, or unset it to build them"
    exit "$EXIT_BAD_ASSETS"
  fi
  (cd "$1" && pwd)
}

# build <module folder> <package> <program> [linker flags]
build() {
  local started=$SECONDS
  say "building $3 ..."
  # Static and without paths of this machine, so that one source gives one binary.
  (cd "$here/$1" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w ${4:-}" -o "$work/$3" "$2" 9>&-)
  say "built $3 in $((SECONDS - started)) s"
}

# version_of <module folder> <module>
version_of() { (cd "$here/$1" && go list -m -f '{{.Version}}' "$2"); }

# What upstream stamps into its releases. An unstamped API server calls itself v0.0.0-master+$Format:%H$.
version_flags() {
  local version=$1 package
  local major minor
  IFS=. read -r major minor _ <<<"${version#v}"
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean ' \
      "$package" "$version" "$package" "$major" "$package" "$minor" "$package"
  done
}

build_control_plane() {
  local kubernetes_version etcd_version flags program
  kubernetes_version=$(version_of kubernetes k8s.io/kubernetes)
  etcd_version=$(version_of etcd go.etcd.io/etcd/server/v3)
  say "building Kubernetes $kubernetes_version and etcd $etcd_version into $target, once; this takes some minutes"
  flags=$(version_flags "$kubernetes_version")
  build etcd go.etcd.io/etcd/server/v3 etcd
  for program in kube-apiserver kube-controller-manager kubectl; do
    build kubernetes "k8s.io/kubernetes/cmd/$program" "$program" "$flags"
  done
}

build_kubelet() {
  local version flags program
  version=$(version_of kubelet k8s.io/kubernetes)
  say "building the kubelet of Kubernetes $version into $target, once; this takes some minutes"
  flags=$(version_flags "$version")
  for program in kubelet kube-proxy; do
    build kubelet "k8s.io/kubernetes/cmd/$program" "$program" "$flags"
  done
}

what=${1:-control-plane}
case $what in
  control-plane) modules=(kubernetes etcd) instead=', and KUBEBUILDER_ASSETS is not set' ;;
  kubelet) modules=(kubelet) instead='' ;;
  *)
    say "there is no '$what' to build: control-plane or kubelet"
    exit "$EXIT_USAGE"
    ;;
esac

if [[ "$what" == control-plane && -n "${KUBEBUILDER_ASSETS:-}" ]]; then
  use_given_assets "$KUBEBUILDER_ASSETS"
  exit 0
fi

if ! command -v go >/dev/null; then
  say "no ${what/-/ } to test with: there is no go on PATH to build it$instead"
  exit "$EXIT_NO_GO"
fi

# Settings of the user's own would change what is built.
export GOFLAGS=-mod=readonly GOWORK=off
sources=(build.sh)
for module in "${modules[@]}"; do sources+=("$module"/go.{mod,sum}); done
# In the module's folder, because that decides which toolchain runs.
key=$(cd "$here" && { cat "${sources[@]}" && (cd "${modules[0]}" && go version); } | sha256 | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/edge-constructs
target=$cache/$key
if [[ -d "$target" ]]; then
  printf '%s\n' "$target"
  exit 0
fi

mkdir -p "$cache"
# Without flock (macOS) two builds at once only waste time: each has a folder of its own and the rename decides.
if command -v flock >/dev/null; then
  exec 9>"$cache/lock"
  flock -n 9 || { say "waiting for another build" && flock 9; }
  if [[ -d "$target" ]]; then
    printf '%s\n' "$target"
    exit 0
  fi
  # Whoever holds the lock is alone: what lies here was left by a build that was interrupted.
  rm -rf "$cache"/.build.*
fi

work=$(mktemp -d "$cache/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT
# mktemp makes it 0700; the programs are no secret.
chmod 0755 "$work"

"build_${what//-/_}"

# Where there is no flock another build may have come first; its programs are the same.
[[ -d "$target" ]] || mv "$work" "$target"
printf '%s\n' "$target"
