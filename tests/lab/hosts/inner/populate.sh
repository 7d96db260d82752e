#!/bin/sh
# One good container, one with defaults. Runs once, as root, when the engine is up.
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
image shop/app:1.4 <<'D'
FROM shop/base:1.0
USER 1000:1000
HEALTHCHECK --interval=10m CMD ["true"]
D
docker network create shopnet >/dev/null
docker run -d --name front --network shopnet --read-only --cap-drop ALL \
    --security-opt no-new-privileges --memory 64m --cpus 0.5 --pids-limit 64 \
    --restart on-failure:5 --log-opt max-size=1m shop/app:1.4 >/dev/null
docker run -d --name defaults shop/base:1.0 >/dev/null
