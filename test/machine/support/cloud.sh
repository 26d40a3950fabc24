#!/bin/sh
# Makes the machine a node of a cloud cluster whose server runs on it, too, in a network of its own: so the server can go dark by
# itself. Both are services of systemd, as the installer of K3s makes them. cloud.sh NODE ADDRESS
set -eu
node=$1 address=$2
cloud=10.99.0.10
services=/etc/systemd/system
images=/var/lib/rancher/k3s/agent/images

mkdir -p /etc/rancher/k3s "$images" /var/lib/kins/images
cp /opt/lab/images/*.tar "$images"
# With this file K3s remembers what it imported and does not do it again at every start.
true >"$images/.cache.json"
# Where a site without a registry has them.
cp /opt/lab/images/pause.tar /opt/lab/images/web.tar /var/lib/kins/images

tr -d - </proc/sys/kernel/random/uuid >/etc/rancher/k3s/token
chmod 0600 /etc/rancher/k3s/token
cat >/etc/rancher/k3s/cloud.yaml <<END
disable-agent: true
data-dir: /var/lib/cloud
node-ip: $cloud
advertise-address: $cloud
token-file: /etc/rancher/k3s/token
disable: [coredns, local-storage, metrics-server, servicelb, traefik]
disable-helm-controller: true
disable-network-policy: true
write-kubeconfig: /var/lib/cloud/kubeconfig.yaml
END
# An emulated computer takes longer than a kubelet waits for its containerd.
cat >/etc/rancher/k3s/config.yaml <<END
node-name: $node
node-ip: $address
token-file: /etc/rancher/k3s/token
server: https://$cloud:6443
kubelet-arg: [runtime-request-timeout=30m]
END

cat >/etc/rancher/k3s/cloud-network.sh <<END
#!/bin/sh
set -eu
ip netns add cloud
ip link add cloud0 type veth peer name eth0 netns cloud
ip address add 10.99.0.1/24 dev cloud0
ip link set cloud0 up
ip -n cloud link set lo up
ip -n cloud address add $cloud/24 dev eth0
ip -n cloud link set eth0 up
ip -n cloud route add default via 10.99.0.1
END

cat >"$services/cloud-network.service" <<'END'
[Unit]
Description=Network of the cloud cluster's server
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /etc/rancher/k3s/cloud-network.sh
ExecStop=/bin/ip link delete cloud0
ExecStop=/bin/ip netns delete cloud
[Install]
WantedBy=multi-user.target
END

# service_of_k3s NAME COMMAND: the options are those of K3s' installer
service_of_k3s() {
  cat <<END
[Unit]
Description=$1
Wants=network-online.target
After=network-online.target cloud-network.service
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
ExecStart=$2
[Install]
WantedBy=multi-user.target
END
}
service_of_k3s 'Server of the cloud cluster' \
  '/bin/ip netns exec cloud /opt/lab/bin/k3s server --config /etc/rancher/k3s/cloud.yaml' >"$services/cloud.service"
service_of_k3s 'Agent of the cloud cluster' '/opt/lab/bin/k3s agent' >"$services/k3s-agent.service"

systemctl daemon-reload
systemctl --quiet enable cloud-network cloud k3s-agent
systemctl start --no-block cloud-network cloud k3s-agent
sync
