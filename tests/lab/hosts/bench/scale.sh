#!/bin/sh
# Makes exactly $1 containers run, c001 and up. They differ as those of a real host do: three
# images, four networks, some with limits, volumes, ports or added rights.
wanted=$1

name() {
    printf 'c%03d' "$1"
}

run() {
    number=$1
    set -- --name "$(name "$number")" --label "team=team$((number % 5))"
    case $((number % 3)) in
    0) part=front ;;
    1) part=api ;;
    *) part=store ;;
    esac
    [ $((number % 4)) -eq 0 ] || set -- "$@" --network "$part"
    [ $((number % 2)) -eq 0 ] || set -- "$@" --memory 32m --cpus 0.2 --pids-limit 50
    [ $((number % 3)) -ne 0 ] || set -- "$@" -v "data$number:/srv" -v /etc/hostname:/etc/origin:ro
    [ $((number % 5)) -ne 0 ] || set -- "$@" --cap-drop ALL --read-only \
        --security-opt no-new-privileges
    [ $((number % 7)) -ne 0 ] || set -- "$@" --user 0 --cap-add NET_ADMIN
    [ $((number % 10)) -ne 0 ] || set -- "$@" -p "127.0.0.1:$((20000 + number)):8080"
    docker run -d "$@" "shop/$part:1.0" >/dev/null
}

present=$(docker ps -a --format '{{.Names}}' | tr '\n' ' ')
surplus=$(for found in $present; do [ "${found#c}" -le "$wanted" ] || echo "$found"; done)
[ -z "$surplus" ] || echo "$surplus" | xargs -P 4 -n 8 docker rm -f -v >/dev/null

number=0
while [ "$number" -lt "$wanted" ]; do
    number=$((number + 1))
    case " $present" in
    *" $(name "$number") "*) ;;
    *) run "$number" & ;;
    esac
    # Four at a time keep two processors busy.
    [ $((number % 4)) -ne 0 ] || wait
done
wait
/lab/guest/containers record docker
running=$(docker ps -q | wc -l)
echo "$running containers run"
[ "$running" -eq "$wanted" ]
