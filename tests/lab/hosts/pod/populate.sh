#!/bin/sh
# Podman's containers, good and bad. Runs once, as root, when the API is up.
export ENGINE=podman
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
good() {
    name=$1
    shift
    podman run -d --name "$name" --read-only --cap-drop ALL --security-opt no-new-privileges \
        --memory 64m --cpus 0.5 --pids-limit 64 --user 1000:1000 --stop-signal KILL "$@" >/dev/null
}
good hardened shop/base:1.0
good hostnet --network host shop/base:1.0
good etcrw -v /etc:/host/etc shop/base:1.0
good sock -v /run/podman/podman.sock:/run/podman/podman.sock shop/base:1.0
good priv --privileged shop/base:1.0
podman run -d --name defaults --stop-signal KILL shop/base:1.0 >/dev/null
