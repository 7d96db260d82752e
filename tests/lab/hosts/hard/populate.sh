#!/bin/sh
# Hardened containers and nothing else. Runs once, as root, when the engine is up.
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
image shop/app:1.4 <<'D'
FROM shop/base:1.0
USER 1000:1000
HEALTHCHECK --interval=10m CMD ["true"]
D
docker network create -o com.docker.network.bridge.enable_icc=false shopnet >/dev/null
for name in front api store; do
    docker run -d --name "$name" --network shopnet --read-only --cap-drop ALL \
        --security-opt no-new-privileges --memory 64m --cpus 0.5 --pids-limit 64 \
        --restart on-failure:5 shop/app:1.4 >/dev/null
done
