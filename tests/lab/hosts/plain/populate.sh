#!/bin/sh
# A swarm of one node with a service, two overlay networks and one container outside of it.
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
image shop/app:1.4 <<'D'
FROM shop/base:1.0
USER 1000:1000
HEALTHCHECK --interval=10m CMD ["true"]
D
docker swarm init --task-history-limit 1 --advertise-addr 127.0.0.1 >/dev/null
docker network create --driver overlay open-overlay >/dev/null
docker network create --driver overlay --opt encrypted sealed-overlay >/dev/null
# Swarm takes a task for started when its first health check has passed.
docker service create -d --quiet --no-resolve-image --name shop --replicas 2 \
    --limit-memory 64m --limit-cpu 0.5 --health-interval 10s shop/app:1.4 >/dev/null
docker run -d --name lone --memory 64m --cpus 0.5 --pids-limit 64 --read-only --cap-drop ALL \
    --security-opt no-new-privileges --restart always shop/app:1.4 >/dev/null
