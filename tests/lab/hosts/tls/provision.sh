#!/bin/sh
# Where the daemon listens comes from daemon.json, the rest from its arguments (dockerd.args).
install -d -m 755 /etc/docker/tls
install -m 444 /lab/keys/ca.pem /lab/keys/server.pem /etc/docker/tls
install -m 400 /lab/keys/server-key.pem /etc/docker/tls
cat >/etc/docker/daemon.json <<'J'
{
    "hosts": [
        "unix:///var/run/docker.sock",
        "tcp://0.0.0.0:2376"
    ]
}
J
