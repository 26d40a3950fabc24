# shellcheck shell=sh
# Function of agent.sh for sites without a registry in reach: takes archives from a folder of the node into the unit's
# containerd, which shares no images with the node's own.
: "${scripts:?folder of the scripts}"
# shellcheck source=lib/shell/disk.sh
. "$scripts/disk.sh"

# Each archive once, and again when it was replaced. What was imported is pinned: the kubelet must not remove what nobody
# could pull again. Checksums lie beside archives, and copies that are not whole yet.
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

# The rest of the node's work must not wait for a file that is broken, or taken away meanwhile.
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
  # Never before the images themselves are on the disk.
  flush
  mkdir -p "${mark%/*}"
  echo "$stamp" >"$mark"
}
