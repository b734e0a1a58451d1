# Sourced by machine.sh before main boots: its addresses, and what MAAS's rack controller runs on it, in its network but
# outside of its files. RACK is its address on the rack, ADDRESSES are all it has there; OUTSIDE and BEYOND are the two ends of
# its other cable; SOCKETS is where the lab listens, CONFIG what dnsmasq reads.
inside() { ip netns exec main "$@"; }
# As children of the lab's first process, so that what boots main waits for main alone.
beside() { (setsid ip netns exec main "$@" </dev/null >/dev/null 2>&1 &); }

# One that was started anew since the last boot is not among what that boot took with it.
[ ! -f "$CONFIG/pid" ] || kill "$(cat "$CONFIG/pid")" 2>/dev/null || true

rack_card=$(head -n 1 <<<"$NICS" | cut -d ' ' -f 1)
outside_card=$(sed -n 2p <<<"$NICS" | cut -d ' ' -f 1)
inside ip link set "$rack_card" up
for address in $ADDRESSES; do inside ip address add "$address" dev "$rack_card"; done
inside ip link set "$outside_card" up
inside ip address add "$OUTSIDE/30" dev "$outside_card"
ip link set v-main-1 netns outside
ip -n outside address add "$BEYOND/30" dev v-main-1
ip -n outside link set v-main-1 up
inside ip route add default via "$BEYOND"

beside dnsmasq --keep-in-foreground --conf-file="$CONFIG/dnsmasq.conf"
beside socat "TCP-LISTEN:5240,fork,reuseaddr,backlog=64" "UNIX-CONNECT:$SOCKETS/maas"
beside socat "TCP-LISTEN:8000,bind=$RACK,fork,reuseaddr,backlog=64" "UNIX-CONNECT:$SOCKETS/packages"
# What asks for the rack's web site from beyond main: as from the world, so main's own rules are passed.
rm -f "$SOCKETS/web"
(setsid ip netns exec outside socat "UNIX-LISTEN:$SOCKETS/web,fork,mode=600" "TCP:$OUTSIDE:80" </dev/null >/dev/null 2>&1 &)
rm -f "$SOCKETS/ssh"
beside socat "UNIX-LISTEN:$SOCKETS/ssh,fork,mode=600" "TCP:$RACK:22"
