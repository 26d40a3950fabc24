#!/bin/sh
# Makes the machine a node of the cloud cluster, as the installer of K3s does: join.sh NODE ADDRESS SERVER, the token on standard input
set -eu
node=$1 address=$2 server=$3
images=/var/lib/rancher/k3s/agent/images

mkdir -p /etc/rancher/k3s "$images" /var/lib/kins/images
cat >/etc/rancher/k3s/token
chmod 0600 /etc/rancher/k3s/token
cp /opt/lab/images/*.tar "$images"
# With this file K3s remembers what it imported and does not do it again at every start.
true >"$images/.cache.json"
# Where a site without a registry has them.
cp /opt/lab/images/pause.tar /opt/lab/images/web.tar /var/lib/kins/images

# An emulated computer takes longer than a kubelet waits for its containerd.
cat >/etc/rancher/k3s/config.yaml <<END
node-name: $node
node-ip: $address
token-file: /etc/rancher/k3s/token
server: https://$server:6443
kubelet-arg: [runtime-request-timeout=30m]
END

cat >/etc/systemd/system/k3s-agent.service <<'END'
[Unit]
Description=Lightweight Kubernetes
Wants=network-online.target
After=network-online.target
[Service]
Type=notify
Environment=PATH=/opt/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/opt/lab/bin/k3s agent
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload
systemctl --quiet enable k3s-agent
systemctl start --no-block k3s-agent
sync
