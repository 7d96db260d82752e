#!/bin/sh
# Settings through systemd: drop-ins of the service and of the socket. systemd does not run here, so
# dockerd.args repeats what the unit would start.
mkdir -p /etc/systemd/system/docker.service.d /etc/systemd/system/docker.socket.d
cat >/etc/systemd/system/docker.service.d/override.conf <<'U'
[Service]
ExecStart=
ExecStart=/usr/sbin/dockerd -H unix:///var/run/docker.sock -H tcp://0.0.0.0:2375 --tls=false \
    --log-level=debug --insecure-registry=registry.example:5000 \
    --containerd=/run/containerd/containerd.sock
U
cat >/etc/systemd/system/docker.socket.d/tcp.conf <<'U'
[Socket]
ListenStream=0.0.0.0:2375
U
