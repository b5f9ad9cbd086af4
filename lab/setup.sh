#!/usr/bin/env bash
# Makes a Debian machine ready for Xinglin: lab/setup.sh system|python|toolchain|all
# Every stage skips what is there and says what it does and how long it took.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  containerd runc containernetworking-plugins  # the sites' real nodes
  nftables conntrack iproute2 kmod             # networks, and what kube-proxy asks for
  qemu-user-static                             # the ARM campus runs arm64 programs
  sudo                                         # hosts: the one command that recovery may run
  postgresql-15                                # the hospital's database
  haproxy bind9 openssh-server openssh-client  # ingress, names, the way to hosts
  openipmi ipmitool                            # BMC simulators and a second opinion on them
  python3-venv ca-certificates                 # the Python environment
  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 # reports as PDF
  fonts-noto-cjk                               # Chinese in them, rare characters of names included
  chromium chromium-driver                     # tests read reports in a real browser
)

say() { printf '\033[1m[setup %4ss]\033[0m %s\n' "$SECONDS" "$*"; }
fail() { printf 'setup: %s\n  what to do: %s\n' "$1" "$2" >&2; exit 3; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "root or sudo is needed for: $*" "run make as root, or install sudo"; fi
}

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

system() {
  command -v apt-get >/dev/null || fail "this is not a Debian machine (no apt-get)" \
    "use Debian 12; 'xinglin simulate' needs only the Python environment: lab/setup.sh python"
  local missing=()
  for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
  if [ ${#missing[@]} -eq 0 ]; then say "system packages: all there"; return; fi
  say "system packages: installing ${missing[*]}"
  # The lab starts these programs itself, in namespaces of its own: keep the machine's from starting.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null; as_root chmod 755 "$policy"; ours=1
  fi
  local log; log=$(mktemp)
  local rc=0
  { as_root apt-get -q update && as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -q install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 || rc=$?
  [ -z "$ours" ] || as_root rm -f "$policy"
  if [ $rc != 0 ]; then
    tail -20 "$log" >&2
    fail "apt-get could not install: ${missing[*]}" "see $log, make a Debian 12 mirror reachable, run make again"
  fi
  rm -f "$log"
  say "system packages: done"
}

python() {
  local stamp=.venv/.locked
  local key; key=$(cat requirements.lock pyproject.toml | sha256sum | cut -d' ' -f1)
  if [ -e $stamp ] && [ "$(cat $stamp)" = "$key" ]; then say "Python environment: all there"; return; fi
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed" "install python3 (Debian 12 has 3.11)"
  say "Python environment: installing $(grep -cE '^[a-z]' requirements.lock) packages by hash"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock ||
    fail "a package of requirements.lock is not to be had" "make a Python package index reachable, run make again"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
  printf %s "$key" >$stamp
  say "Python environment: done"
}

toolchain() { .venv/bin/python -m lab.toolchain; }

case "${1:-all}" in
  system|python|toolchain) "$1" ;;
  all) system; python; toolchain; say "ready" ;;
  *) fail "unknown stage '$1'" "lab/setup.sh system|python|toolchain|all" ;;
esac
