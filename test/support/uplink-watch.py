"""Counts what this computer's network cards send to, or ask of, the networks in the arguments, until it is terminated."""
import ipaddress
import signal
import socket
import struct
import sys

networks = [ipaddress.ip_network(cidr) for cidr in sys.argv[1:]]
outgoing, arp, ipv4 = 4, 0x0806, 0x0800
seen = 0


def end(*_):
    print(seen, flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
print("watching", flush=True)
while True:
    frame, (card, _, direction, _, _) = frames.recvfrom(2048)
    kind = struct.unpack("!H", frame[12:14])[0]
    if card == "lo" or direction != outgoing or kind not in (arp, ipv4):
        continue
    target = ipaddress.ip_address(frame[38:42] if kind == arp else frame[30:34])
    if any(target in network for network in networks):
        seen += 1
