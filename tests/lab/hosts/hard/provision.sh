#!/bin/sh
# A host as the benchmark wants it, as far as files go. Runs once, as root.

cat >/etc/docker/daemon.json <<'J'
{
    "icc": false,
    "no-new-privileges": true,
    "live-restore": true,
    "userland-proxy": false,
    "userns-remap": "default",
    "log-level": "info",
    "log-driver": "json-file",
    "log-opts": {"max-size": "10m", "max-file": "3"},
    "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 16384, "Soft": 16384}}
}
J

# A certificate of a registry, readable and not writable.
mkdir -p /etc/docker/certs.d/registry.example:5000
install -m 444 /lab/keys/ca.pem /etc/docker/certs.d/registry.example:5000/ca.crt

# Both forms of a watch; a container can't load them, so only the files tell of them.
cat >/etc/audit/rules.d/docker.rules <<'R'
-w /usr/sbin/dockerd -p wa -k docker
-w /run/containerd -p wa -k docker
-w /var/lib/docker -p wa -k docker
-a always,exit -F dir=/etc/docker -F perm=wa -k docker
-w /usr/lib/systemd/system/docker.service -p wa -k docker
-w /run/containerd/containerd.sock -p wa -k docker
-w /usr/lib/systemd/system/docker.socket -p wa -k docker
-w /run/docker.sock -p wa -k docker
-a always,exit -F path=/etc/default/docker -F perm=wa -k docker
-w /etc/containerd/config.toml -p wa -k docker
-w /usr/bin/containerd -p wa -k docker
-w /usr/bin/containerd-shim -p wa -k docker
-w /usr/bin/containerd-shim-runc-v1 -p wa -k docker
-w /usr/bin/containerd-shim-runc-v2 -p wa -k docker
-w /usr/sbin/runc -p wa -k docker
R
chmod 640 /etc/audit/rules.d/docker.rules
