#!/bin/sh
# Images and containers. Runs once, as root, when the engine is up.
# Each container has the good settings below and one mistake, so a check that fails for it is right
# about that mistake; `defaults` has no settings at all.
# shellcheck source-path=SCRIPTDIR source=../../guest/images.sh
. /lab/guest/images.sh

base shop/base:1.0
image shop/app:1.4 <<'D'
FROM shop/base:1.0
USER 1000:1000
HEALTHCHECK --interval=10m CMD ["true"]
D
image shop/legacy:latest <<'D'
FROM shop/base:1.0
ADD payload /srv/payload
ENV DB_PASSWORD=planted-secret-1 STRIPE_API_KEY=planted-secret-2 TZ=UTC
D
image shop/alias:1.0 <<'D'
FROM shop/app:1.4
USER toor
D
image shop/suid:1.0 <<'D'
FROM shop/app:1.4
USER root
RUN cp /bin/busybox /bin/passwd && chmod 4755 /bin/passwd
USER 1000:1000
D
# Not a login daemon but its name. Busybox goes by its own name, so this one is the host's `sleep`.
# shellcheck disable=SC2046 # the libraries are a list
image shop/login:1.0 /usr/bin/sleep $(ldd /usr/bin/sleep | grep -o '/[^ ]*') <<'D'
FROM shop/app:1.4
USER root
COPY files/ /
RUN mkdir -p /usr/sbin && mv /usr/bin/sleep /usr/sbin/sshd
USER 1000:1000
CMD ["/usr/sbin/sshd", "infinity"]
D
image shop/updated:1.0 <<'D'
FROM shop/app:1.4
USER root
RUN printf '#!/bin/sh\n' >/bin/apt-get && chmod 755 /bin/apt-get
RUN apt-get update
USER 1000:1000
D
image shop/unused:0.1 <<'D'
FROM shop/base:1.0
LABEL note="no container uses it"
D
image '' <<'D'
FROM shop/base:1.0
LABEL note="no name and no container"
D

docker network create shopnet >/dev/null
docker network create -o com.docker.network.bridge.enable_icc=false quietnet >/dev/null
docker volume create --driver local -o type=none -o o=bind -o device=/etc/ssh sshconfig >/dev/null

# limited NAME OPTION… IMAGE: a container with limits, logs that rotate, and what is given here.
limited() {
    name=$1
    shift
    docker run -d --name "$name" --read-only --memory 64m --cpus 0.5 --pids-limit 64 \
        --restart on-failure:5 --log-opt max-size=1m --log-opt max-file=2 "$@" >/dev/null
}

# good NAME OPTION… IMAGE: a container with every good setting and what is given here.
good() {
    name=$1
    shift
    limited "$name" --cap-drop ALL --security-opt no-new-privileges "$@"
}

good hardened --network quietnet -p 127.0.0.1:8081:8080 shop/app:1.4
docker run -d --name defaults shop/legacy >/dev/null

good priv --network shopnet --privileged shop/app:1.4
good sysadmin --network shopnet --cap-add SYS_ADMIN shop/app:1.4
good capall --network shopnet --cap-add ALL shop/app:1.4
good rootuser --network shopnet --user 0:0 shop/app:1.4
good aliasroot --network shopnet shop/alias:1.0
good unconfined --network shopnet --security-opt seccomp=unconfined shop/app:1.4
good nomac --network shopnet --security-opt apparmor=unconfined --security-opt label=disable \
    shop/app:1.4
good unmasked --network shopnet --security-opt systempaths=unconfined shop/app:1.4
good device --network shopnet --device /dev/kmsg:/dev/kmsg:rwm shop/app:1.4
good nulldevice --network shopnet --device /dev/null:/dev/nothing:rwm shop/app:1.4
good devbind --network shopnet -v /dev:/host/dev shop/app:1.4

good hostnet --network host shop/app:1.4
good hostpid --network shopnet --pid host shop/app:1.4
good hostipc --network shopnet --ipc host shop/app:1.4
good hostuts --network shopnet --uts host shop/app:1.4
good joined --network container:hostnet shop/app:1.4

good sock --network shopnet -v /var/run/docker.sock:/var/run/docker.sock shop/app:1.4
good runparent --network shopnet -v /run:/host/run:ro shop/app:1.4
good etcrw --network shopnet -v /etc:/host/etc shop/app:1.4
good rootro --network shopnet -v /:/host:ro shop/app:1.4
good volumebind --network shopnet -v sshconfig:/config shop/app:1.4
good shared --network shopnet -v /srv/shared:/data:shared shop/app:1.4

good lowport --network shopnet -p 80:8080 shop/app:1.4
good anyport --network shopnet -p 8080:8080 shop/app:1.4
good onbridge shop/app:1.4
docker run -d --name nolog --read-only --memory 64m --cpus 0.5 --pids-limit 64 --cap-drop ALL \
    --security-opt no-new-privileges --restart on-failure:5 --log-driver none --network shopnet \
    shop/app:1.4 >/dev/null
good always --network shopnet --restart always shop/app:1.4
good ownparent --network shopnet --cgroup-parent /custom shop/app:1.4
good nooom --network shopnet --oom-kill-disable shop/app:1.4
# The machine may not let us go higher than its own limit.
most=$(sh -c 'ulimit -Hn')
good ownulimit --network shopnet --ulimit "nofile=$most:$most" shop/app:1.4
good login --network shopnet shop/login:1.0
good updated --network shopnet shop/updated:1.0
limited suid --network shopnet shop/suid:1.0
good sick --network shopnet --health-cmd false --health-interval 3s --health-retries 1 shop/app:1.4
good stopped --restart no --network shopnet --privileged shop/app:1.4
docker kill stopped >/dev/null
