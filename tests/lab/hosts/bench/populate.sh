#!/bin/sh
# Images, networks and volumes for scale.sh. Runs once, as root, when the engine is up.
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
for part in front api store; do
    image "shop/$part:1.0" <<D
FROM shop/base:1.0
LABEL part=$part
ENV PART=$part TZ=UTC LOG_LEVEL=info
USER 1000:1000
D
    docker network create "$part" >/dev/null
done
