# shellcheck shell=sh disable=SC2034,SC2154
# Waits until the device has joined: its kubelet runs, and its node is registered and Ready.

kubelet_active() { bounded 20 systemctl is-active --quiet kubelet.service; }

# Waits until the node is Ready, and leaves its last state in `seen`. After a rebuild with a new machine ID, the state is
# `taken` at first, until the kubelet has reported that ID: wait_for_node SECONDS
wait_for_node() {
  node_end=$(seconds_from_now "$1")
  renewal=0
  seen=
  while :; do
    now=stopped
    ! kubelet_active || now=$(node_state)
    if [ "$now" != "$seen" ]; then
      seen=$now
      say "node $EDGE_NAME: $seen"
    fi
    case $seen in
      Ready) return 0 ;;
      unregistered)
        if is_past "$renewal"; then
          renew_kubelet_config
          renewal=$(seconds_from_now 15)
        fi
        ;;
    esac
    ! is_past "$node_end" || return 1
    sleep 1
  done
}

# Fetches the kubelet's join token again, because it is valid for an hour only, and KKP may have made a new one.
renew_kubelet_config() {
  answer=$(api_get "$(secret_path "$kubelet_config")")
  [ "$(status_of "$answer")" = 200 ] || return 0
  fresh=$(value_of "$answer" kubeconfig)
  file=$root/etc/kubernetes/bootstrap-kubelet.conf
  [ -n "$fresh" ] && [ "$fresh" != "$(cat "$file" 2>/dev/null)" ] || return 0
  printf '%s\n' "$fresh" | (umask 077 && write_file "$file") || return 0
  say 'the join token has been renewed'
  bounded 60 systemctl restart kubelet.service || :
}

node_cause() {
  case $1 in
    stopped) echo "the kubelet is not running" ;;
    unregistered) echo "the kubelet is running, but has not registered node $EDGE_NAME" ;;
    unreachable) echo "the API server is not answering" ;;
    taken) echo "node $EDGE_NAME belongs to another device" ;;
    *) echo "node $EDGE_NAME is registered, but not Ready" ;;
  esac
}

node_remedy() {
  case $1 in
    stopped) echo 'Look at: journalctl --unit kubelet' ;;
    unregistered) echo "Look at: journalctl --unit kubelet. If its token has expired, change a label of MachineDeployment $EDGE_NAME and run this again." ;;
    unreachable) echo 'Look at the network and at the user cluster, then run this again.' ;;
    taken) echo "Decommission this device, and give it a machine of its own; or delete node $EDGE_NAME if the other is gone." ;;
    *) echo "Look at: kubectl describe node $EDGE_NAME. Without the pods of the network plugin, no node becomes Ready." ;;
  esac
}

# Repeats what KKP's setup does last, because a power cut may have come right before that.
enable_services() {
  for unit in kubelet.service kubelet-healthcheck.service; do
    bounded 20 systemctl is-enabled --quiet "$unit" || bounded 60 systemctl enable --now --no-block "$unit" || return 1
  done
  ! bounded 20 systemctl is-enabled --quiet setup.service || bounded 60 systemctl disable setup.service
}
