# The system that all machines of the lab have in common: built once for each recipe (lab/metal/image), unpacked in the cache,
# never written. Needs root; programs of Debian are brought where that is allowed.
# shellcheck shell=sh

lab_programs="dnsmasq-base ethtool socat systemd-container"

lab_image_progress() {
  if lab_image_done=$(grep -c '^Setting up ' "$1" 2>/dev/null); then printf ', %d packages set up' "$lab_image_done"; fi
}

build_lab_image() {
  follow "Building the system of the lab's machines, once (about 3 min)" "$cache/lab-image.log" lab_image_progress \
    bash "$root/lab/metal/image/build.sh" "$1"
}

# lab_image: makes it unless it is there, and prints where it is. Where it can't be made a line says why, and it returns 1.
lab_image() {
  if [ "$(uname -s)" != Linux ]; then say "The lab's machines do not boot: that takes Linux" && return 1; fi
  if [ "$(id -u)" -ne 0 ]; then say "The lab's machines do not boot: that takes root" && return 1; fi
  lab_image_entry=lab-image-$(cd "$root/lab/metal/image" && hash $(ls | LC_ALL=C sort))
  # shellcheck disable=SC2086
  ensure_debian_packages $lab_programs || return 1
  if [ ! -d "$cache/$lab_image_entry" ]; then ensure_debian_packages mmdebstrap || return 1; fi
  cached "$lab_image_entry" build_lab_image || return 1
  printf '%s\n' "$cache/$lab_image_entry/root"
}
