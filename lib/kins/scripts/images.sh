# shellcheck shell=sh
# Function of agent.sh for sites that cannot reach a registry: imports archives of images from a folder of the node into the
# unit's containerd, which does not see the images of the node's own containerd.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"

# Imports each archive once, and again when it was replaced. Images are pinned, so that the kubelet does not remove what
# could not be pulled again. Only known extensions count: checksums and unfinished copies may lie in the same folder.
import_images() {
  images=${KINS_IMAGES:-/host/kins/images}
  for archive in "$images"/*; do
    [ -f "$archive" ] || continue
    case $archive in
      *.tar | *.tar.gz | *.tgz | *.tar.zst) import_archive "$archive" ;;
      *.tar.bz2 | *.tar.lz4 | *.tar.xz) say "can't import ${archive##*/}: containerd accepts .tar, .tar.gz, .tgz and .tar.zst" ;;
    esac
  done
}

# Never fails: an archive that is broken or disappears must not keep the node from starting.
import_archive() {
  mark=$KINS_LIB/containerd/imported-archives/${1##*/}
  stamp=$(stat -c '%s %Y' "$1") || return 0
  [ "$stamp" != "$(first_line "$mark")" ] || return 0
  say "importing images from ${1##*/}"
  if ! ctr --address "$KINS_RUN/containerd.sock" --namespace k8s.io images import \
    --label io.cri-containerd.pinned=pinned "$1" >/dev/null; then
    say "could not import ${1##*/}; continuing without it, and trying again at the next start"
    return 0
  fi
  # The mark must not reach the disk before the images do.
  flush
  mkdir -p "${mark%/*}"
  echo "$stamp" >"$mark"
}
