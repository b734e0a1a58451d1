#!/bin/bash
# build.sh FOLDER: makes FOLDER/root, the system that all machines of the lab have in common. Needs root and mmdebstrap.
# Debian's own packages from the mirror that this computer uses; what makes them a lab machine is in customize.sh.
set -euo pipefail
# A lock of who calls this: with it open, numbers of mmdebstrap's files have two digits, which dash does not take.
exec 9>&-
here=$(cd "$(dirname "$0")" && pwd)
out=$1
suite=bookworm

# The mirror of this computer where it is one of Debian's, since that is known to answer.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
  sed -n 's|^Debian \(http://[^ ]*/debian\)/*$|\1|p' | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}

system=systemd,systemd-sysv,dbus,libpam-systemd,udev,kmod,procps,netbase,less,sudo,ca-certificates
network=iproute2,iputils-ping,nftables,openssh-server,curl,netplan.io,openvswitch-switch,ufw
software=cloud-init,python3,python3-apt,python3-venv,lshw

mmdebstrap --verbose --variant=minbase --mode=root --format=directory --components=main \
  --include="$system,$network,$software" --skip=cleanup/apt --skip=output/dev \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --customize-hook="sh $here/customize.sh \"\$1\"" \
  "$suite" "$out/root" "deb $mirror $suite main" "deb $mirror $suite-updates main" \
  "deb $mirror-security $suite-security main"
