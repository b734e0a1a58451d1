#!/bin/bash
# world.sh: the first process of the lab's own mounts, network and processes; they live as long as it does, and it lives as
# long as its standard input stays open. Its network has no way out: what a machine sends elsewhere dies here.
set -e
mount -t tmpfs -o mode=755 lab /run
mkdir -p /run/netns /run/lab
ip link set lo up
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null || true
# Stands for the world beyond main: it answers, and leads nowhere.
ip netns add outside
ip -n outside link set lo up
echo ready
cat >/dev/null || true
