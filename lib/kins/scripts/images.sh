# shellcheck shell=sh
# Function of agent.sh for sites without a registry in reach: takes archives from a folder of the node into the unit's
# containerd, which shares no images with the node's own.

# Each archive once, and again when it was replaced. What was imported is pinned: the kubelet must not remove what nobody
# could pull again.
import_images() {
  done_marks=$KINS_LIB/containerd/imported-archives
  for archive in "${KINS_IMAGES:-/host/kins/images}"/*.tar "${KINS_IMAGES:-/host/kins/images}"/*.tar.*; do
    [ -f "$archive" ] || continue
    mark=$done_marks/${archive##*/}
    stamp=$(stat -c '%s %Y' "$archive")
    [ "$stamp" != "$(first_line "$mark")" ] || continue
    say "importing images from ${archive##*/}"
    if ctr --address "$KINS_RUN/containerd.sock" --namespace k8s.io images import \
      --label io.cri-containerd.pinned=pinned "$archive" >/dev/null; then
      mkdir -p "$done_marks"
      echo "$stamp" >"$mark"
    else
      # The rest of the node's work must not wait for a file that is broken.
      say "could not import ${archive##*/}; going on without it, and trying again at the next start"
    fi
  done
}
