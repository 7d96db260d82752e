#!/usr/bin/env bash
# Runs every test. As root on Debian or Ubuntu it first installs what they need and starts the
# lab; elsewhere it says what is left out and runs the rest. With POSTURE_REQUIRE_LAB=1 a lab that
# can't be had is an error. Arguments go to pytest.
set -u
cd "$(dirname "$0")/.." || exit 2

PACKAGES=(docker.io openssh-server openssh-client debootstrap busybox-static shellcheck sudo)

missing_packages() {
  for package in "${PACKAGES[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

# Installs packages without starting the services that come with them: policy-rc.d forbids it.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=yes
  fi
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  local status=$?
  [ -z "$made" ] || rm -f $policy
  return $status
}

without_lab() {
  if [ "${POSTURE_REQUIRE_LAB:-}" = 1 ]; then
    echo "tests: the lab is required and can't be had: $1" >&2
    exit 1
  fi
  echo "tests: LEFT OUT: every test against the lab's hosts and every test that needs root: $1" >&2
  exec .venv/bin/python -m pytest -m "not lab and not root" "${@:2}"
}

[ "$(id -u)" = 0 ] || without_lab "this is not root" "$@"
command -v apt-get >/dev/null || without_lab "this is not Debian or Ubuntu" "$@"
mapfile -t missing < <(missing_packages)
if [ ${#missing[@]} -gt 0 ]; then
  echo "tests: installing ${missing[*]}"
  install_packages "${missing[@]}" || without_lab "apt-get could not install ${missing[*]}" "$@"
fi

started=
tests/lab/lab status >/dev/null 2>&1 || started=yes
tests/lab/lab up || without_lab "tests/lab/lab up failed" "$@"
.venv/bin/python -m pytest "$@"
status=$?
[ -z "$started" ] || [ "${POSTURE_KEEP_LAB:-}" = 1 ] || tests/lab/lab down
exit $status
