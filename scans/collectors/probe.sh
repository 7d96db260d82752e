#!/bin/sh
# Posture's probe: reads how a container host is set up and writes it to standard output.
#
# It only ever reads: no temporary files (so no here-documents either), no settings changed, no
# network, nothing left running. It needs a POSIX shell and the usual tools, those of busybox do.
# More can be read as root; without, it reads what it can.
#
# Usage: the first line of standard input is a nonce, "posture-" and 32 hex digits. The format of
# the output is described in frames.py. With an argument it runs one section, without its budget.

PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LC_ALL=C
export PATH LC_ALL
tab='	'
newline='
'

# A section is a run of this script of its own, so that it can be killed with all its children:
# sh -c "$again" posture-probe SECTION. Streamed, the script's text is in $script already; installed,
# it is in the file $0, which may be a descriptor that sudo has checked (/dev/fd/N).
case $0 in
    */*) script=$(cat "$0") ;;
esac
export script
# shellcheck disable=SC2016  # expanded by the shell that runs it
again='eval "$script"'

# --- frames and budgets -------------------------------------------------------------------------

part() {
    printf '\n%s part' "$nonce"
    printf ' %s' "$@"
    printf '\n'
}

# Hundredths of a second since boot, in $now, without a process.
clock() {
    now=0
    if read -r up idle </proc/uptime; then
        now=$((${up%.*} * 100 + 1${up#*.} - 100))
    fi 2>/dev/null
    : "${idle-}"
}

# section NAME SECONDS BYTES: run it within its budget and frame what it writes.
section() {
    printf '\n%s begin %s %s\n' "$nonce" "$1" "$3"
    clock
    began=$now
    # 3: this substitution, which gets the end of the section's standard error, and its status;
    # 4: the real standard output; 5: the section's own.
    errors=$(
        {
            {
                {
                    budgeted "$1" "$2"
                    printf '\n%s status %s\n' "$nonce" "$?" >&2
                } 2>&1 >&5 3>&- 4>&- | tail -c 2000 >&3
            } 5>&1 | head -c "$3" >&4
        } 3>&1
    )
    clock
    printf '\n%s end %s %s %s\n%s\n' "$nonce" "$1" "${errors##*"$nonce status "}" \
        "$(((now - began) * 10))" "${errors%"$nonce status "*}"
}

# budgeted NAME SECONDS: run one section, killed as a whole group when its time is up.
budgeted() {
    $leader sh -c "$again" posture-probe "$1" </dev/null &
    child=$!
    # shellcheck disable=SC2016  # the watchdog expands its own arguments
    $leader sh -c 'sleep "$1"; kill -9 "$2"' watchdog "$2" "$group$child" \
        </dev/null >/dev/null 2>&1 5>&- &
    watchdog=$!
    wait "$child"
    result=$?
    # The watchdog may not lead its group yet when the section was quick.
    kill -9 "$group$watchdog" 2>/dev/null || kill -9 "$watchdog" 2>/dev/null
    return "$result"
}

# limit SECONDS COMMAND…: a budget within a section's, where timeout is that of coreutils: that of
# busybox keeps its output open for up to a second after the command has ended.
limit() {
    if [ -z "${timeout-}" ]; then
        case $(timeout --version 2>&1) in *coreutils*) timeout=yes ;; *) timeout=no ;; esac
    fi
    if [ "$timeout" = yes ]; then
        timeout "$@"
    else
        shift
        "$@"
    fi
}

# values FILE…: every line of small files, each behind its file's path and a colon.
values() {
    grep -asH '' "$@" /dev/null
}

# file PATH: the content of a regular file as a part, or that it may not be read; fails if there is
# no such file.
file() {
    if ! [ -f "$1" ]; then
        return 1
    elif [ -r "$1" ]; then
        part file "$1"
        head -c 262144 "$1"
    else
        part unreadable "$1"
    fi
}

# --- sections -----------------------------------------------------------------------------------

read_system() {
    part clock
    date +%s
    part machine
    uname -m
    part values
    values /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/version \
        /proc/sys/kernel/random/boot_id /proc/uptime /sys/hypervisor/type \
        /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name /sys/class/dmi/id/bios_vendor \
        /sys/module/kvm_intel/parameters/nested /sys/module/kvm_amd/parameters/nested
    file /etc/os-release || file /usr/lib/os-release
    part exists
    for path in /dev/kvm /.dockerenv /run/.containerenv /run/systemd/container /proc/vz /proc/bc; do
        if [ -e "$path" ]; then printf '%s\n' "$path"; fi
    done
    part hypervisor
    if grep -qm 1 '^flags.* hypervisor' /proc/cpuinfo; then printf 'yes\n'; fi
    part environment
    tr '\000' '\n' </proc/1/environ 2>/dev/null | grep '^container='
    part cgroup
    cat /proc/1/cgroup
    part detect-virt
    systemd-detect-virt 2>/dev/null
    :
}

read_kernel() {
    part values
    cd /proc/sys || return
    grep -asH '' \
        kernel/kptr_restrict kernel/dmesg_restrict kernel/unprivileged_bpf_disabled \
        kernel/unprivileged_userns_clone kernel/apparmor_restrict_unprivileged_userns \
        kernel/yama/ptrace_scope kernel/sysrq kernel/randomize_va_space \
        kernel/perf_event_paranoid kernel/kexec_load_disabled kernel/modules_disabled \
        kernel/core_pattern kernel/core_uses_pid kernel/io_uring_disabled kernel/tainted \
        kernel/keys/maxkeys kernel/pid_max kernel/panic_on_oops \
        fs/protected_hardlinks fs/protected_symlinks fs/protected_fifos fs/protected_regular \
        fs/suid_dumpable user/max_user_namespaces vm/mmap_min_addr vm/overcommit_memory \
        vm/unprivileged_userfaultfd net/core/bpf_jit_enable net/core/bpf_jit_harden \
        net/ipv4/ip_forward net/ipv4/tcp_syncookies net/ipv4/icmp_echo_ignore_broadcasts \
        net/ipv4/icmp_ignore_bogus_error_responses net/ipv6/conf/all/accept_redirects \
        net/ipv6/conf/all/forwarding net/ipv6/conf/all/accept_source_route \
        net/ipv4/conf/all/accept_redirects net/ipv4/conf/all/send_redirects \
        net/ipv4/conf/all/secure_redirects net/ipv4/conf/all/rp_filter \
        net/ipv4/conf/all/accept_source_route net/ipv4/conf/all/log_martians \
        net/ipv4/conf/default/accept_redirects net/ipv4/conf/default/rp_filter \
        net/ipv4/conf/all/route_localnet net/bridge/bridge-nf-call-iptables \
        net/bridge/bridge-nf-call-ip6tables
    part facts
    values /proc/sys/kernel/osrelease /proc/sys/kernel/version /proc/cmdline \
        /proc/sys/kernel/seccomp/actions_avail /sys/kernel/security/lockdown \
        /sys/devices/system/cpu/vulnerabilities/*
    if [ -r /proc/modules ]; then
        part modules
        cut -d ' ' -f 1 /proc/modules
    fi
    builtin=/lib/modules/$(uname -r)/modules.builtin
    if [ -r "$builtin" ]; then
        part builtin
        sed -e 's|.*/||' -e 's|\.ko$||' "$builtin"
    fi
    part modprobe
    grep -ashE '^[[:space:]]*(blacklist|install)[[:space:]]' /etc/modprobe.d/*.conf \
        /run/modprobe.d/*.conf /usr/local/lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf \
        /lib/modprobe.d/*.conf
    if [ -d /lib/modules ] || [ -d /boot ]; then
        part installed
        for path in /lib/modules/*/modules.dep /boot/vmlinuz-*; do
            if [ -e "$path" ]; then printf '%s\n' "$path"; fi
        done
    fi
    part exists
    for path in /run/reboot-required /var/run/reboot-required /sys/fs/cgroup/cgroup.controllers \
        /usr/share/update-notifier/notify-reboot-required /sys/fs/cgroup; do
        if [ -e "$path" ]; then printf '%s\n' "$path"; fi
    done
    part namespaces
    ls -l /proc/self/ns/
    part needs-restarting
    if [ "$uid" = 0 ] && command -v needs-restarting >/dev/null; then
        limit 4 needs-restarting -r >/dev/null 2>&1
        printf '%s\n' "$?"
    fi
}

read_lsm() {
    part values
    values /sys/kernel/security/lsm /sys/module/apparmor/parameters/enabled /sys/fs/selinux/enforce
    part filesystems
    cat /proc/filesystems
    if [ -r /sys/kernel/security/apparmor/profiles ]; then
        part profiles
        grep -c '' /sys/kernel/security/apparmor/profiles
    fi
}

read_mounts() {
    part mountinfo
    cat /proc/self/mountinfo
}

read_accounts() {
    for name in passwd group; do
        part "$name"
        getent "$name" 2>/dev/null || cat "/etc/$name"
    done
    for path in /etc/subuid /etc/subgid; do
        if [ -e "$path" ]; then
            part "file $path"
            cat "$path" && part "read $path"
        else
            part "absent $path"
        fi
    done
}

read_listeners() {
    for name in tcp tcp6 udp udp6; do
        if [ -r "/proc/self/net/$name" ]; then
            part "net $name"
            # State 0A is a listening TCP socket, 07 an unconnected UDP one.
            awk 'FNR > 1 && ($4 == "0A" || $4 == "07") { print $2, $10 }' "/proc/self/net/$name"
        fi
    done
    if command -v ss >/dev/null; then
        part ss
        ss -Hlntup 2>/dev/null
    else
        for pid in $daemons; do
            part sockets "$pid"
            find "/proc/$pid/fd" -type l -exec readlink {} \; 2>/dev/null
        done
    fi
    :
}

# Lines "/proc/PID/cgroup:LINE" of processes with a container's id on their path. conmon is named
# after its container but only watches it.
container_members() {
    grep -asHE -m 1 '[0-9a-f]{64}' /proc/[0-9]*/cgroup | grep -v libpod-conmon-
}

# Processes of containers, as lines "ID PID", the lowest pid first. The id is the outermost below
# this host's own cgroup.
container_processes() {
    container_members | awk -v own="$own" '{
        split($0, field, /[\/:]/); pid = field[3]
        sub(/^[^:]*:[^:]*:[^:]*:/, "")
        if (own != "" && index($0, own) == 1) $0 = substr($0, length(own) + 1)
        count = split($0, word, /[^0-9a-f]+/)
        for (i = 1; i <= count; i++) if (length(word[i]) == 64) { print word[i], pid; break }
    }' | sort -k 1,1 -k 2,2n
}

# One process of every container.
container_roots() {
    container_processes | awk '$1 != last { print; last = $1 }'
}

# The cgroup of this host if it is a container itself, otherwise empty.
own_cgroup() {
    grep -asE -m 1 '[0-9a-f]{64}' /proc/1/cgroup |
        sed -E -e 's|^[^:]*:[^:]*:||' -e 's|(.*[0-9a-f]{64}).*|\1|'
}

# Running daemons of the host itself.
host_daemons() {
    {
        container_processes
        grep -aslxE 'dockerd|dockerd-ce|docker' /proc/[0-9]*/comm
    } | awk -F '[ /]' '
        /^\/proc/ { if (!($3 in contained)) print $3; next }
        { contained[$2] = 1 }'
}

read_processes() {
    part own
    cat /proc/1/cgroup
    part status
    grep -asHE '^(Name|PPid|Uid|Gid|NSpid|Cap...|NoNewPrivs|Seccomp|Seccomp_filters):' \
        /proc/[0-9]*/status
    part members
    container_members
    part cmdline
    set --
    for pid in $(container_processes | cut -d ' ' -f 2); do set -- "$@" "/proc/$pid/cmdline"; done
    # Each argument behind its file's path, ended by a NUL, which no argument can hold.
    grep -azsH '' "$@" /dev/null
    read_roots
}

# What only matters for processes whose parent is outside their container.
read_roots() {
    roots=$(
        {
            container_members
            grep -asH '^PPid:' /proc/[0-9]*/status
        } | awk -F '[/:]' '
            $4 == "cgroup" { line = $0; sub(/^[^:]*:[^:]*:[^:]*:/, "", line); path[$3] = line }
            $4 == "status" { sub(/^[^0-9]*/, "", $NF); parent[$3] = $NF }
            END { for (pid in path) if (path[parent[pid]] != path[pid]) print pid }'
    )
    if [ -z "$roots" ]; then return; fi
    set --
    for pid in $roots; do set -- "$@" "/proc/$pid/uid_map" "/proc/$pid/gid_map" \
        "/proc/$pid/attr/current"; done
    part maps
    values "$@"
    set --
    for pid in $roots; do set -- "$@" "/proc/$pid/ns/"; done
    part namespaces
    ls -l "$@" /proc/self/ns/ 2>/dev/null
    set --
    for pid in $roots; do set -- "$@" "/proc/$pid/cgroup"; done
    part cgroups
    grep -asHE '^0::|[:,](memory|pids)[:,]' "$@" /dev/null
    part limits
    limit_files "$@"
    set --
    for pid in $roots; do set -- "$@" "/proc/$pid/mountinfo"; done
    part mounts
    grep -asHE '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / ' "$@" /dev/null
    :
}

# limit_files CGROUP-FILE…: the limits of memory and processes of these cgroups, v2 and v1.
limit_files() {
    grep -ashE '^0::|[:,](memory|pids)[:,]' "$@" | sort -u | sed -nE \
        -e "s|^0::($own)?(/.*)|/sys/fs/cgroup\\2/memory.max\n/sys/fs/cgroup\\2/pids.max|p" \
        -e "s|^[0-9]+:[^:]*memory[^:]*:($own)?(/.*)|/sys/fs/cgroup/memory\\2/memory.limit_in_bytes|p" \
        -e "s|^[0-9]+:[^:]*pids[^:]*:($own)?(/.*)|/sys/fs/cgroup/pids\\2/pids.max|p" |
        xargs grep -asH '' /dev/null
}

# Names of users in containers. A symbolic link is not followed: it would lead to the host's files.
read_users() {
    part roots
    container_roots
    set --
    for pid in $(container_roots | cut -d ' ' -f 2); do
        etc=/proc/$pid/root/etc
        if [ -f "$etc/passwd" ] && ! [ -L "$etc/passwd" ] && ! [ -L "$etc" ]; then
            set -- "$@" "$etc/passwd"
        fi
    done
    part passwd
    # Only lines of passwd(5) that hold no password.
    grep -asHE '^[^:]*:[x*]?:[0-9]+:[0-9]+:' "$@" /dev/null
    :
}

# Home directories of the users who run a rootless daemon.
rootless_homes() {
    for pid in $daemons; do
        owner=$(stat -c %u "/proc/$pid")
        if [ "$owner" != 0 ]; then getent passwd "$owner" | cut -d : -f 6; fi
    done
}

# Files that configure the daemon, one a line: daemon.json, environment files, units and drop-ins.
daemon_files() {
    for pid in $daemons; do
        tr '\000' '\n' <"/proc/$pid/cmdline" | grep -A 1 '^--config-file' |
            sed 's|^--config-file=*||' | grep '^/'
    done 2>/dev/null
    printf '%s\n' /etc/docker/daemon.json /etc/default/docker /etc/sysconfig/docker
    for home in $(rootless_homes); do
        printf '%s\n' "$home/.config/docker/daemon.json" \
            "$home/.config/systemd/user/docker.service"
    done
    unit_files
    unit_files | tr '\n' '\000' | xargs -0 grep -ash '^[[:space:]]*EnvironmentFile=' /dev/null |
        sed -E 's/^[^=]*=-?//' | grep '^/'
}

unit_files() {
    for unit in docker.service docker.socket; do
        for dir in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system \
            /usr/lib/systemd/system /lib/systemd/system; do
            if [ "${dir#/lib}" != "$dir" ] && [ -L /lib ]; then continue; fi
            for path in "$dir/$unit" "$dir/$unit.d"/*.conf; do
                if [ -e "$path" ]; then printf '%s\n' "$path"; fi
            done
        done
    done
}

# Absolute paths that the daemon's configuration names, one a line: certificates, data root, …
named_paths() {
    {
        for pid in $daemons; do tr '\000' '\n' <"/proc/$pid/cmdline"; done
        daemon_files | tr '\n' '\000' | xargs -0 grep -ash '^[[:space:]]*[^#;[:space:]]' /dev/null
    } 2>/dev/null | tr "$tab =\"'," '[\n*]' | sed 's|^unix://||' | grep '^/' |
        sort -u | head -n 300
}

read_daemon() {
    for pid in $daemons; do
        part argv "$pid"
        cat "/proc/$pid/cmdline"
        part exe "$pid"
        readlink "/proc/$pid/exe"
        part cgroup "$pid"
        cat "/proc/$pid/cgroup"
        part uid "$pid"
        stat -c %u "/proc/$pid"
    done
    part listed
    daemon_files
    IFS=$newline
    set -f
    for path in $(daemon_files | awk '!seen[$0]++') /etc/containerd/config.toml; do
        file "$path"
    done
    for path in $(named_paths); do
        case $path in
            *.json) file "$path" ;;
            # Certificates lie in all kinds of files; of a private key not a byte is written.
            *)
                if [ -f "$path" ] && [ "$(head -c 20000 "$path" | grep -asc 'BEGIN CERT')" != 0 ]
                then
                    part certificate "$path"
                    sed -n '/^-----BEGIN CERT/,/^-----END CERT/p' "$path"
                fi
                ;;
        esac
    done
    unset IFS
    set +f
}

read_versions() {
    for name in dockerd containerd runc; do
        if command -v "$name" >/dev/null; then
            part version "$name"
            "$name" --version 2>/dev/null
        fi
    done
    read_packages docker-ce docker.io docker-engine docker moby-engine containerd.io containerd \
        moby-containerd runc moby-runc podman crun "linux-image-$(uname -r)"
    :
}

# read_packages NAME…: lines "NAME VERSION" of those that are installed.
read_packages() {
    if command -v dpkg-query >/dev/null; then
        part packages
        # It fails if one of them is not known.
        dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' "$@" 2>/dev/null |
            sed -n 's/^installed //p'
    elif command -v rpm >/dev/null; then
        part packages
        rpm -q --qf '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' "$@" | grep -v ' is not '
    elif [ -r /lib/apk/db/installed ]; then
        part packages
        names=" $* " awk '
            /^P:/ { name = substr($0, 3) }
            /^V:/ && index(ENVIRON["names"], " " name " ") { print name, substr($0, 3) }
        ' /lib/apk/db/installed
    fi
}

read_files() {
    part commands
    for name in dockerd containerd containerd-shim containerd-shim-runc-v1 \
        containerd-shim-runc-v2 runc docker docker-proxy docker-init podman; do
        printf '%s ' "$name"
        command -v "$name" || printf '\n'
    done
    part stat
    {
        printf '%s\n' /usr/lib/systemd/system/docker.service /usr/lib/systemd/system/docker.socket \
            /etc/docker /etc/docker/daemon.json /etc/docker/certs.d /etc/default/docker \
            /etc/sysconfig/docker /run/docker.sock /run/containerd \
            /run/containerd/containerd.sock /run/docker/containerd/containerd.sock \
            /etc/containerd/config.toml /run/podman/podman.sock /var/lib/docker
        id=none
        { read -r id </etc/machine-id; } 2>/dev/null
        printf '%s\n' "/var/log/journal/$id/system.journal" "/run/log/journal/$id/system.journal"
        for name in dockerd containerd containerd-shim containerd-shim-runc-v1 \
            containerd-shim-runc-v2 runc; do
            command -v "$name" || printf '%s\n' "/usr/bin/$name"
        done
        for path in /etc/docker/certs.d/*/*.crt /etc/docker/certs.d/*/*.cert \
            /etc/docker/certs.d/*/*.key /run/user/*/docker.sock /run/user/*/podman/podman.sock; do
            case $path in *"$newline"*) continue ;; esac
            if [ -e "$path" ] || [ -L "$path" ]; then printf '%s\n' "$path"; fi
        done
        daemon_files
        named_paths
    } | awk '!seen[$0]++' | stat_lines
}

# Owner, mode and real path of the paths on standard input.
stat_lines() {
    IFS=$newline
    set -f
    # shellcheck disable=SC2046  # one argument a line is what is wanted
    set -- $(cat)
    stat -L -c "%f$tab%u$tab%g$tab%U$tab%G$tab%s$tab%n" "$@" 2>&1
    for path; do
        shift
        if [ -e "$path" ]; then set -- "$@" "$path"; fi
    done
    part existing
    printf '%s\n' "$@"
    part real
    if [ $# -gt 0 ]; then realpath "$@"; fi
    unset IFS
    set +f
}

# Firewalls that an administrator sets up, and the chain in which he can filter published ports.
read_firewall() {
    file /etc/ufw/ufw.conf
    file /etc/firewalld/firewalld.conf
    if ! command -v iptables >/dev/null; then
        part missing iptables
    elif ! tables_in_use; then
        part missing tables
    else
        part docker-user
        iptables -w 1 -S DOCKER-USER && part read docker-user
    fi
    :
}

# Whether the kernel's tables of rules are there: listing rules would load them where they are not.
tables_in_use() {
    [ ! -e /proc/modules ] || grep -qsE '^(ip_tables|nf_tables) ' /proc/modules ||
        grep -qsE '/(ip_tables|nf_tables)\.ko' "/lib/modules/$(uname -r)/modules.builtin"
}

read_audit() {
    if command -v auditctl >/dev/null; then
        part status
        auditctl -s && part read status
        part loaded
        auditctl -l && part read loaded
    else
        part missing auditctl
    fi
    if [ -d /etc/audit ]; then
        if [ -x /etc/audit ] && [ -r /etc/audit ]; then part readable; fi
        part disk
        for path in /etc/audit/audit.rules /etc/audit/rules.d /etc/audit/rules.d/*.rules; do
            if [ -e "$path" ] && ! [ -r "$path" ]; then part unreadable "$path"; fi
        done
        part disk
        values /etc/audit/audit.rules /etc/audit/rules.d/*.rules
    else
        part absent /etc/audit
    fi
    :
}

# --- updates ------------------------------------------------------------------------------------

read_updates() {
    if command -v apt-get >/dev/null; then
        part manager apt
        part lists
        stat -c %Y /var/lib/apt/lists /var/lib/apt/lists/partial \
            /var/lib/apt/periodic/update-success-stamp 2>/dev/null
        part indexes
        ls /var/lib/apt/lists
        part security
        security_offers && part read security
    elif command -v dnf >/dev/null; then
        part manager dnf
        part lists
        stat -c %Y /var/cache/dnf/*/repodata /var/cache/libdnf5/*/repodata 2>/dev/null
        part pending
        dnf -C -q list --upgrades && part read pending
        part security
        dnf -C -q updateinfo list --security && part read security
    elif command -v yum >/dev/null; then
        part manager yum
        part lists
        stat -c %Y /var/cache/yum/*/*/*/repomd.xml 2>/dev/null
        part security
        yum -C -q updateinfo list security && part read security
    elif command -v apk >/dev/null; then
        part manager apk
        part lists
        stat -c %Y /var/cache/apk/APKINDEX.* /lib/apk/db/../../../var/lib/apk 2>/dev/null
        part pending
        apk --no-network version -l '<' && part read pending
    elif command -v zypper >/dev/null; then
        part manager zypper
        part lists
        stat -c %Y /var/cache/zypp/raw/* 2>/dev/null
        part pending
        zypper -n -q --no-refresh list-updates && part read pending
        part security
        zypper -n -q --no-refresh list-patches --category security && part read security
    fi
    :
}

# Lines "PACKAGE INSTALLED OFFERED" of installed packages that a security suite has too. Reading the
# lists themselves costs a tenth of asking apt, which may have to build, and would write, its cache.
security_offers() {
    set --
    for path in /var/lib/apt/lists/*security*_Packages*; do
        if [ -f "$path" ]; then set -- "$@" "$path"; fi
    done
    if [ $# = 0 ]; then return 1; fi
    {
        cat /var/lib/dpkg/status
        printf '\nLists: begin\n\n'
        /usr/lib/apt/apt-helper cat-file "$@"
        printf '\n'
    } | awk '
        /^Package: / { package = $2 }
        /^Architecture: / { architecture = $2 }
        /^Version: / { version = $2 }
        /^Status: / { installed = $4 == "installed" }
        /^Lists: begin/ { lists = 1 }
        /^$/ && package != "" {
            key = package ":" architecture
            if (!lists && installed) have[key] = version
            if (lists && key in have) print package, have[key], version
            package = ""; installed = 0
        }'
}

# --- SUID and SGID files and file capabilities --------------------------------------------------

read_suid() {
    if command -v getcap >/dev/null; then part getcap; fi
    find_manager ''
    part manager host "$manager"
    stores=$(layer_stores)
    host_filesystems | while IFS= read -r dir; do
        if [ -d "$dir" ]; then search_host "$dir"; fi
    done
    part host
    search_containers
}

# Mount points of the host's own local file systems, each file system once.
host_filesystems() {
    awk '{
        for (i = 7; i <= NF && $i != "-"; i++) { }
        type = $(i + 1); target = $5
        if (target ~ /\/(overlay-)?containers\/[0-9a-f]+\// || target ~ /\\/) next
        if (target ~ /^\/(proc|sys|dev)(\/|$)/ && target != "/dev/shm") next
        if (type == "overlay" && target != "/") next
        if (type !~ /^(ext[234]|xfs|btrfs|f2fs|zfs|jfs|reiserfs|bcachefs|squashfs|erofs|tmpfs|overlay)$/) next
        if (($3 SUBSEP $4) in seen || ($3 in whole) || (target in seen)) next
        seen[$3, $4] = seen[target] = 1
        if ($4 == "/") whole[$3] = 1
        print target
    }' /proc/self/mountinfo
}

# Layers of images are not reachable as files of the host and are searched with the containers.
layer_stores() {
    {
        printf '%s\n' /var/lib/docker /var/lib/docker/[0-9]*.[0-9]*
        named_paths
    } | while IFS= read -r path; do
        if [ -d "$path/image" ] || [ -d "$path/containers" ]; then
            for store in overlay2 overlay aufs vfs btrfs fuse-overlayfs devicemapper; do
                printf '%s\n' "$path/$store"
            done
        fi
    done
    printf '%s\n' /var/lib/containers/storage/overlay /var/lib/containers/storage/vfs \
        /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs \
        /var/lib/docker/containerd/daemon/io.containerd.snapshotter.v1.overlayfs
}

search_host() {
    dir=$1
    set --
    for store in $stores; do
        case $store in
            "${dir%/}"/*) set -- "$@" -path "./${store#"${dir%/}"/}" -prune -o ;;
        esac
    done
    search 15 "host $dir" "$dir" "" "" "$@"
}

# search SECONDS LABEL DIRECTORY DATABASE-ROOT PIDS FIND-ARGUMENTS…: privileged files below a
# directory. Of each is read what "inspect" reads, also as the processes PIDS see it.
search() {
    seconds=$1 label=$2 dir=$3 database=$4 pids=$5
    export label database pids
    shift 5
    part searching "$label"
    (
        cd "$dir" && limit "$seconds" find . -xdev "$@" -type f \
            \( ! \( -perm -100 -o -perm -010 -o -perm -001 \) \
            -o -exec sh -c "$again" posture-probe capable {} + \) \
            \( -perm -4000 -o -perm -2000 \) -exec sh -c "$again" posture-probe inspect {} +
    )
    part searched "$?" "$label"
}

# capable FILE…: file capabilities, and what "inspect" reads of the files that have some.
capable() {
    command -v getcap >/dev/null || return 0
    capabilities=$(getcap -- "$@" 2>/dev/null || getcap "$@" 2>/dev/null)
    if [ -z "$capabilities" ]; then return; fi
    part capabilities "$label"
    printf '%s\n' "$capabilities"
    for name; do
        case $name in
            *"$newline"*) if [ -n "$(getcap "$name" 2>/dev/null)" ]; then inspect "$name"; fi ;;
        esac
    done
    set -f
    set --
    IFS=$newline
    for line in $capabilities; do
        line=${line% *}
        line=${line% =}
        if [ -f "$line" ]; then set -- "$@" "$line"; fi
    done
    unset IFS
    set +f
    if [ $# -gt 0 ]; then inspect "$@"; fi
}

# inspect FILE…: owner, mode, package and digest of files below the current directory.
inspect() {
    part names "$label"
    printf '%s\000' "$@"
    part stat
    stat -c '%a %u %g %s %Y %n' -- "$@"
    for pid in $pids; do
        part seen "$pid"
        (cd "/proc/$pid/root" && stat -c '%a %u %g %s %Y %n' -- "$@")
    done 2>/dev/null
    limit 5 sh -c "$again" posture-probe owners "$@"
    part owned "$?"
    part sha256
    limit 10 sha256sum -- "$@"
}

# owners FILE…: the packages they belong to and the digests recorded for them.
owners() {
    names=
    for name; do names="$names${name#.}$newline"; done
    find_manager "$database"
    part package "$manager"
    if [ "$manager" = dpkg ]; then
        (dpkg_owners)
        part md5
        md5sum -- "$@"
    elif [ "$manager" = apk ]; then
        names=$names awk '
            BEGIN { count = split(ENVIRON["names"], list, "\n"); for (i = 1; i <= count; i++) wanted[list[i]] = 1 }
            { key = substr($0, 1, 2); value = substr($0, 3) }
            key == "P:" { package = value }
            key == "F:" { folder = "/" value }
            key == "R:" { path = folder "/" value; found = path in wanted; if (found) print "owner", package, path }
            key == "Z:" && found { print "digest", value, path }
        ' "$database/lib/apk/db/installed"
        part sha1
        sha1sum -- "$@"
    elif [ "$manager" = rpm ] && [ -z "$database" ] && command -v rpm >/dev/null; then
        rpm_owners "$@"
    fi
    :
}

# find_manager ROOT: whose package database lies below a root, in $manager.
find_manager() {
    if [ -d "$1/var/lib/dpkg/info" ]; then
        manager=dpkg
    elif [ -f "$1/lib/apk/db/installed" ]; then
        manager=apk
    elif [ -d "$1/var/lib/rpm" ] || [ -d "$1/usr/lib/sysimage/rpm" ]; then
        manager=rpm
    else
        manager=none
    fi
}

# Both spellings, /bin/su and /usr/bin/su, are looked for: where /bin is a link to /usr/bin, the
# database may have either.
dpkg_owners() {
    set -f
    IFS=$newline
    set --
    for name in $names; do
        case $name in
            /usr/*) set -- "$@" -e "$name" -e "${name#/usr}" ;;
            *) set -- "$@" -e "$name" -e "/usr$name" ;;
        esac
    done
    set +f
    unset IFS
    cd "$database/var/lib/dpkg/info" || return
    part lists
    grep -asHxF "$@" -- *.list /dev/null
    for word; do
        shift
        set -- "$@" "${word#/}"
    done
    part digests
    grep -asHF "$@" -- *.md5sums /dev/null
}

rpm_owners() {
    part rpm
    rpm -qf --qf '[%{NAME}\t%{FILEDIGESTS}\t%{FILENAMES}\n]' -- "$@" 2>/dev/null |
        grep -F "$(printf '%s' "$names" | sed "s/^/$tab/")"
}

# Containers on overlay file systems share layers: each layer is searched once, and what is found
# there is looked at again through the root of every container that has the layer.
search_containers() {
    part roots
    container_roots
    for pid in $(container_roots | cut -d ' ' -f 2); do
        if [ -d "/proc/$pid/root/." ]; then
            find_manager "/proc/$pid/root"
            part manager "$pid" "$manager"
        fi
    done
    pairs=$(container_layers)
    part layers
    printf '%s\n' "$pairs"
    printf '%s\n' "$pairs" | while read -r pid dir; do
        if [ "$dir" = - ]; then
            search 5 "container $pid" "/proc/$pid/root" "/proc/$pid/root" "$pid"
        fi
    done
    for dir in $(privileged_layers); do
        case $dir in
            status*)
                part searched "${dir#status}" layers
                continue
                ;;
        esac
        pids=$(printf '%s\n' "$pairs" | awk -v dir="$dir" '$2 == dir { print $1 }')
        search 10 "layer $dir" "$dir" "/proc/${pids%%"$newline"*}/root" "$pids"
    done
    part containers
}

# Lines "PID DIRECTORY" with the layers of each container, the topmost first; "-" stands for a root
# that is no overlay, or one whose directories may have been renamed between layers.
container_layers() {
    set --
    for pid in $(container_roots | cut -d ' ' -f 2); do set -- "$@" "/proc/$pid/mountinfo"; done
    grep -asHE '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ / ' "$@" /dev/null | awk '{
        split($1, path, "/"); pid = path[3]
        for (i = 7; i < NF && $i != "-"; i++) { }
        usable = $(i + 1) == "overlay" && $NF !~ /redirect_dir=on|metacopy=on|\\/
        upper = ""; lower = ""
        count = split($NF, option, ",")
        for (i = 1; i <= count; i++) {
            if (sub(/^upperdir=/, "", option[i])) upper = option[i]
            else if (sub(/^lowerdir\+?=/, "", option[i])) lower = lower ":" option[i]
        }
        count = split(upper lower, layer, ":")
        for (i = 1; i <= count; i++) if (layer[i] != "" && layer[i] !~ /^\//) usable = 0
        if (usable && upper != "") {
            for (i = 1; i <= count; i++) if (layer[i] != "") print pid, layer[i]
        } else print pid, "-"
    }' | while read -r pid dir; do
        # In a container whose engine runs in another mount namespace, the paths lead nowhere.
        if [ -d "$dir" ]; then printf '%s %s\n' "$pid" "$dir"; else printf '%s -\n' "$pid"; fi
    done | awk '!seen[$0]++'
}

# The layers that hold a privileged file at all.
privileged_layers() {
    set --
    for dir in $(printf '%s\n' "$pairs" | awk '$2 != "-" && !seen[$2]++ { print $2 }'); do
        set -- "$@" "$dir/."
    done
    if [ $# = 0 ]; then return; fi
    {
        limit 20 find "$@" -xdev -type f \
            \( ! \( -perm -100 -o -perm -010 -o -perm -001 \) -o -exec getcap {} + \) \
            \( -perm -4000 -o -perm -2000 \) -print 2>/dev/null
        printf 'status%s/./\n' "$?"
    } | sed -n 's|/\./.*||p' | sort -u
}

# --- the whole ----------------------------------------------------------------------------------

main() {
    if [ -z "${nonce-}" ]; then IFS= read -r nonce; fi
    case ${nonce#posture-} in
        '' | *[!0-9a-f]*)
            echo 'posture-probe: the first line of standard input must be a nonce' >&2
            exit 2
            ;;
    esac
    renice -n 10 -p $$ >/dev/null 2>&1
    ionice -c 2 -n 7 -p $$ >/dev/null 2>&1
    if command -v setsid >/dev/null; then leader=setsid group=-; else leader='' group=''; fi
    uid=$(id -u)
    own=$(own_cgroup)
    daemons=$(host_daemons)
    export nonce uid own daemons
    exec 4>&1
    clock
    started=$now
    printf '%s probe %s %s %s\n' "$nonce" "${level:-probe}" "$uid" "${SUDO_USER:-$(id -un)}"
    section system 4 200000
    section kernel 6 1000000
    section lsm 3 100000
    section mounts 3 2000000
    section accounts 5 2000000
    section files 5 500000
    section listeners 5 1000000
    section firewall 3 1000000
    section audit 3 1000000
    section daemon 5 1500000
    section processes 8 8000000
    section users 3 2000000
    section versions 5 20000
    section updates 12 500000
    section suid 40 4000000
    clock
    printf '\n%s done %s\n' "$nonce" "$(((now - started) * 10))"
    exit 0
}

case ${1-} in
    '') main ;;
    inspect | capable | owners)
        "$@"
        ;;
    *) "read_$1" ;;
esac
