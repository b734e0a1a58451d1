# Packages of Debian, by name, where apt-get is there and may be used: by root, or by sudo without a password.
# shellcheck shell=sh

# debian_missing NAME...: those that are not installed. A command of that name on PATH counts, wherever it is from.
debian_missing() {
  for debian_name in "$@"; do
    command -v "$debian_name" >/dev/null 2>&1 ||
      [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$debian_name" 2>/dev/null)" = installed ] ||
      printf ' %s' "$debian_name"
  done
}

debian_progress() {
  debian_all=$(sed -n 's/^.* upgraded, \([0-9]*\) newly installed.*/\1/p' "$1" 2>/dev/null | tail -n 1)
  if [ -z "$debian_all" ]; then
    printf ', reading the lists of packages'
  elif debian_done=$(grep -c '^Setting up ' "$1" 2>/dev/null); then
    printf ', %d of %d packages set up' "$debian_done" "$debian_all"
  elif debian_done=$(grep -c '^Unpacking ' "$1" 2>/dev/null); then
    printf ', %d of %d packages unpacked' "$debian_done" "$debian_all"
  else
    printf ', %s to fetch' "$(sed -n 's/^Need to get \(.*\) of archives.*/\1/p' "$1" | tail -n 1)"
  fi
}

# Waits for another apt-get instead of failing; nothing is asked, no service is started.
debian_install() {
  debian_apt='apt-get -o DPkg::Lock::Timeout=300 -o APT::Update::Error-Mode=any -y'
  # shellcheck disable=SC2086
  $debian_root env DEBIAN_FRONTEND=noninteractive $debian_apt update &&
    $debian_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $debian_apt install --no-install-recommends "$@"
}

# ensure_debian_packages NAME...: brings what is missing of them. Where it can't, one line says what to type, and it returns
# 1; whether to stop then is the caller's choice.
ensure_debian_packages() {
  debian_wanted=$(debian_missing "$@")
  [ -n "$debian_wanted" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    say "metalform: not installed:$debian_wanted (names of Debian's packages; there is no apt-get here to bring them)"
    return 1
  elif [ "$(id -u)" -eq 0 ]; then
    debian_root=
  elif sudo -n true 2>/dev/null; then
    debian_root='sudo -n'
  else
    say "metalform: not installed:$debian_wanted; type: sudo apt-get install$debian_wanted"
    return 1
  fi
  mkdir -p "$cache"
  # shellcheck disable=SC2086
  follow "Installing Debian's$debian_wanted with apt-get, once (about 1 min)" "$cache/debian.log" debian_progress debian_install $debian_wanted && return
  say "metalform: not installed:$debian_wanted; type: sudo apt-get update && sudo apt-get install$debian_wanted"
  return 1
}
