#!/bin/sh
# customize.sh ROOT: turns a fresh Debian into the system of a lab machine, the way MAAS's Ubuntu would be as far as
# Metalform and its roles see it. Run by mmdebstrap, as root, with the new system in ROOT.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$1

unit() { install -m 644 "$here/$1" "$root/etc/systemd/system/$1"; }
never() { ln -sf /dev/null "$root/etc/systemd/system/$1"; }

# The user that MAAS's images have. cloud-init puts the keys in.
chroot "$root" useradd -m -s /bin/bash -G sudo,adm,systemd-journal ubuntu
echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' >"$root/etc/sudoers.d/90-lab"
chmod 440 "$root/etc/sudoers.d/90-lab"
printf 'UseDNS no\n' >"$root/etc/ssh/sshd_config.d/10-lab.conf"

# What each machine has of its own is made at its first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/os-release"
: >"$root/etc/machine-id"
unit lab-host-keys.service
unit lab-ephemeral.service
chroot "$root" systemctl -q enable lab-host-keys.service lab-ephemeral.service systemd-networkd.service

printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\nDPkg::Options:: "--force-unsafe-io";\n' >"$root/etc/apt/apt.conf.d/90lab"
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' >"$root/etc/systemd/journald.conf.d/lab.conf"
# Nobody watches for these here, and each would cost a boot its time.
for timer in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer fstrim.timer \
  console-getty.service systemd-pstore.service; do never "$timer"; done
# A veth has no link-local wait worth its 12 seconds; what needs the network orders itself after network.target.
chroot "$root" systemctl -q disable systemd-networkd-wait-online.service
# Open vSwitch runs where the network asks for it: the lab enables it in that machine.
chroot "$root" systemctl -q disable openvswitch-switch.service
never netplan-ovs-cleanup.service

# There is no udevd in a container, its /sys is read-only, and the kernel need not have Open vSwitch.
for program in udevadm ovs-vsctl; do
  chroot "$root" dpkg-divert --quiet --local --rename --divert "/usr/bin/$program.distrib" --add "/usr/bin/$program"
  install -m 755 "$here/$program" "$root/usr/bin/$program"
done

# cloud-init runs where the lab gives it a data source. Its first stage looks for local ones, of which there are none.
install -m 644 "$here/cloud-init.cfg" "$root/etc/cloud/cloud.cfg.d/80_lab.cfg"
printf 'policy: enabled\n' >"$root/etc/cloud/ds-identify.cfg"
touch "$root/etc/cloud/cloud-init.disabled"
never cloud-init-local.service
never cloud-init-hotplugd.socket

# In place of the system that MAAS boots from its rack: runs the user-data it gets from there.
install -m 755 "$here/ephemeral" "$root/usr/local/sbin/lab-ephemeral"
install -m 644 "$here/lab_metadata.py" "$root/usr/lib/python3/dist-packages/lab_metadata.py"

# What roles install is at hand, so that apt needs to fetch nothing.
# shellcheck disable=SC2046
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq -y install --download-only $(cat "$here/packages-at-hand")
chroot "$root" apt-cache gencaches
