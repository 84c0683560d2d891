#!/usr/bin/env bash
# Installs what the project needs on a Debian machine with Node 20 or later: the npm packages, the compiler that
# better-sqlite3 needs, and with --with-browser a Chromium for the browser tests and coturn for the tests of calls. Safe to
# run again.
set -euo pipefail
cd "$(dirname "$0")/.."

apt_install() {
  if [ "$(id -u)" != 0 ]; then
    echo "install: missing packages: $*. Install them as root: apt-get install -y $*" >&2
    exit 1
  fi
  [ -n "${apt_updated:-}" ] || { apt-get update -q; apt_updated=1; }
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

command -v node >/dev/null || { echo 'install: Node 20 or later is needed' >&2; exit 1; }
tools=()
command -v python3 >/dev/null || tools+=(python3)
command -v make >/dev/null || tools+=(make)
command -v g++ >/dev/null || tools+=(g++)
[ "${#tools[@]}" = 0 ] || apt_install "${tools[@]}"

# node-gyp would download Node's headers; use the ones that came with this Node when they are there.
prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
if [ -f "$prefix/include/node/node.h" ]; then export npm_config_nodedir=$prefix; fi
# better-sqlite3 would first look for a prebuilt binary on the network.
export npm_config_build_from_source=true

# npm ci only when the lock file or Node's binary interface changed since the last time.
stamp=$({ node -p process.versions.modules; cat package-lock.json; } | sha256sum)
if [ "$stamp" != "$(cat node_modules/.installed 2>/dev/null || true)" ]; then
  npm ci --no-fund --no-audit --loglevel error
  echo "$stamp" > node_modules/.installed
fi

if [ "${1:-}" = --with-browser ] && ! command -v chromium >/dev/null; then
  # The CJK and emoji fonts are for the screenshots only.
  apt_install chromium fonts-noto-cjk fonts-noto-color-emoji
fi

# Debian starts coturn as a service when it is installed, and again with the machine: the tests start their own.
policy=/usr/sbin/policy-rc.d
install_coturn() {
  if [ "$(id -u)" != 0 ] || [ -e "$policy" ]; then
    apt_install coturn
  else
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    apt_install coturn
    rm -f "$policy"
    trap - EXIT
  fi
  if [ -d /run/systemd/system ]; then systemctl disable --quiet --now coturn; fi
}

if [ "${1:-}" = --with-browser ] && ! command -v turnserver >/dev/null; then
  install_coturn
fi
