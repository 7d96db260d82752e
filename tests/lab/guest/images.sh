# shellcheck shell=sh
# Functions for populate.sh: images without a registry, made of Debian's static busybox.
# An image's processes stop at SIGKILL, so that removing a container never waits.
export DOCKER_BUILDKIT=0

# base NAME: an image with a shell, a passwd and one layer that no Dockerfile made.
base() {
    tree=$(mktemp -d)
    mkdir -p "$tree/bin" "$tree/etc" "$tree/tmp" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/srv"
    cp /bin/busybox "$tree/bin/busybox"
    for applet in sh cat chmod cp false id ls mkdir mv ps sleep test true; do
        ln -s busybox "$tree/bin/$applet"
    done
    cat >"$tree/etc/passwd" <<'P'
root:x:0:0:root:/:/bin/sh
toor:x:0:0:also root:/:/bin/sh
app:x:1000:1000::/srv:/bin/sh
P
    printf 'root:x:0:\napp:x:1000:\n' >"$tree/etc/group"
    chmod 755 "$tree"
    tar -C "$tree" -c . |
        "${ENGINE:-docker}" import --change 'CMD ["sleep", "infinity"]' - "$1" >/dev/null
    rm -rf "$tree"
}

# image NAME [FILE…]: builds an image from the Dockerfile on standard input. With an empty name it
# stays untagged. The Dockerfile finds busybox as `payload`, and the host's files below `files`.
image() {
    context=$(mktemp -d)
    cp /bin/busybox "$context/payload"
    mkdir "$context/files"
    for file in "$@"; do
        [ "$file" = "${1:-}" ] || cp --parents -L "$file" "$context/files"
    done
    cat >"$context/Dockerfile"
    echo 'STOPSIGNAL SIGKILL' >>"$context/Dockerfile"
    "${ENGINE:-docker}" build -q ${1:+-t "$1"} "$context" >/dev/null
    rm -rf "$context"
}
