#!/usr/bin/python3
"""User-data of the ephemeral system: runs the scripts that MAAS wants, one after the other, and tells it how they ended.

Scripts that users have uploaded run as they are. Of MAAS's own the lab has no text: those that look at what a machine of
the lab really has are done here; the others have nothing to look at (no disk, no BMC, no second host), and pass.
"""
import json
import os
import subprocess

import lab_metadata


def interfaces():
    """The addresses and network cards, in the form in which MAAS's own script prints them."""
    listed = json.loads(subprocess.check_output(["ip", "-j", "address"]))
    networks = {}
    for nic in listed:
        if nic.get("link_type") != "ether":
            continue
        addresses = [
            {"address": found["local"], "netmask": str(found["prefixlen"]), "family": "inet", "scope": "global"}
            for found in nic["addr_info"]
            if found["family"] == "inet" and found["scope"] == "global"
        ]
        networks[nic["ifname"]] = {"hwaddr": nic["address"], "addresses": addresses, "state": nic["operstate"].lower()}
    return networks


def hardware():
    environment = {"server_name": os.uname().nodename, "kernel_version": os.uname().release}
    return json.dumps({"environment": environment, "networks": interfaces()})


looks = {
    "maas-kernel-cmdline": ["cat", "/proc/cmdline"],
    "maas-lshw": ["lshw", "-xml", "-quiet"],
    "maas-support-info": ["sh", "-c", "uname -a; cat /proc/cpuinfo /proc/meminfo; ip address; ip route; systemctl --failed"],
}


def run(script):
    """Exit status, standard output, error output."""
    if script["name"] == "50-maas-01-commissioning":
        return 0, hardware().encode(), b""
    if script["content"]:
        program = "/run/lab-script"
        with open(os.open(program, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o700), "w") as file:
            file.write(script["content"])
        command = [program]
    else:
        command = looks.get(script["name"])
    if not command:
        return 0, b"Nothing to look at on a machine of the lab.\n", b""
    done = subprocess.run(command, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def index():
    return json.loads(lab_metadata.fetch("latest/maas-scripts"))


def run_all(scripts):
    """Whether all passed."""
    passed = True
    for script in scripts:
        name, result = script["name"], script["script_result_id"]
        lab_metadata.signal("WORKING", script_result_id=result)
        try:
            exit_status, out, err = run(script)
        except OSError as error:
            exit_status, out, err = 126, b"", f"{error}\n".encode()
        files = {name: out + err, f"{name}.out": out, f"{name}.err": err}
        lab_metadata.signal("WORKING", files, script_result_id=result, exit_status=exit_status)
        passed = passed and exit_status == 0
    return passed


first = index()
passed = run_all(first["1.0"]["commissioning_scripts"])
# MAAS lists the tests anew once it knows the hardware.
tests = index()["1.0"]["testing_scripts"]
if passed and tests:
    lab_metadata.signal("TESTING")
    passed = run_all(tests)
lab_metadata.signal("OK" if passed else "FAILED")
try:
    lab_metadata.event("modules-final", "running modules for final")
except OSError:
    pass  # A machine that is Ready has no key any more.
if first["poweroff"]:
    subprocess.run(["systemctl", "poweroff", "--no-block"])
