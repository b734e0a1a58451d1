#!/bin/bash
# The kernel's part of a machine, inside the lab's own mounts, network and processes:
#   machine.sh mount NAME LOWER LAYER   its file system: LOWER, never written, under what LAYER keeps
#   machine.sh boot NAME                one boot; ends with 133 for a reboot, 0 for power off, else the power was cut
#   machine.sh rest NAME                takes away what the last boot left
# boot reads NICS, a line "NAME MAC BRIDGE" each ("-": no cable), CGROUPS, a folder in each hierarchy, BEFORE, a script to run
# once the network is there, and BIND, a folder to be seen in the machine ("FROM:TO").
set -e
verb=$1 name=$2 root=/run/lab/$2

# A network of its own for every boot: no address, route or rule of the last one is left.
plug() {
  ip netns delete "$name" 2>/dev/null || true
  ip netns add "$name"
  ip -n "$name" link set lo up
  local index=0 nic mac bridge
  while read -r nic mac bridge; do
    local port=v-$name-$index
    index=$((index + 1))
    ip link delete "$port" 2>/dev/null || true
    ip link add "$port" type veth peer name "$nic" address "$mac" netns "$name"
    # The checksums of a veth are left to its other end, which Open vSwitch in user space does not do.
    ethtool -K "$port" tx off >/dev/null
    [ "$bridge" != - ] || continue
    ip link add "$bridge" type bridge 2>/dev/null || true
    ip link set "$bridge" up
    ip link set "$port" master "$bridge" up
  done <<<"$NICS"
}

case $verb in
mount)
  lower=$3 layer=$4
  mkdir -p "$root" "$layer/up" "$layer/work"
  ! mountpoint -q "$root" || umount "$root"
  # volatile: nothing waits for the disk. The mark it leaves when it is killed stands for a crash of this computer.
  rm -rf "$layer/work/work/incompat"
  mount -t overlay "lab-$name" -o "lowerdir=$lower,upperdir=$layer/up,workdir=$layer/work,volatile" "$root"
  ;;
boot)
  for folder in $CGROUPS; do
    mkdir -p "$folder"
    echo $$ >"$folder/cgroup.procs"
  done
  plug
  [ -z "${BEFORE-}" ] || . "$BEFORE"
  export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
  exec nsenter --net="/run/netns/$name" setpriv --pdeathsig KILL systemd-nspawn --quiet --directory="$root" --machine="$name" \
    --boot --register=no --keep-unit --capability=CAP_NET_ADMIN --bind=/dev/net/tun --link-journal=no --resolv-conf=off \
    --timezone=off --console=pipe ${BIND:+"--bind-ro=$BIND"}
  ;;
rest)
  ! mountpoint -q "$root" || umount "$root"
  ip netns delete "$name" 2>/dev/null || true
  rm -rf /run/lab/ephemeral-"$name"-*
  ;;
esac
