/** What this computer lacks to boot machines: a line each, with what to do about it. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasCgroupKill } from "./cgroups.ts";

/** Program, and the package of Debian and Ubuntu that has it. */
const programs = {
  bash: "bash",
  dnsmasq: "dnsmasq-base",
  ethtool: "ethtool",
  ip: "iproute2",
  nsenter: "util-linux",
  setpriv: "util-linux",
  socat: "socat",
  "ssh-keygen": "openssh-client",
  "systemd-nspawn": "systemd-container",
  unshare: "util-linux",
} as const;

/** @param image Root of the machines' system, or undefined where it was not made yet. Empty when nothing is missing. */
export function missingForMetal(image: string | undefined): string[] {
  if (process.platform !== "linux") return ["Linux: machines boot in its namespaces"];
  if (process.getuid?.() !== 0) return ["root: run it with sudo"];
  const lines = Object.entries(programs).flatMap(([program, name]) =>
    isOnPath(program) ? [] : [`${program}: apt-get install ${name}`],
  );
  if (lines.length > 0) return lines;
  if (!existsSync("/dev/net/tun")) lines.push("/dev/net/tun: modprobe tun");
  if (!hasCgroupKill())
    lines.push("cgroup 2 with cgroup.kill: a kernel of 5.14 or newer with it mounted on /sys/fs/cgroup");
  lines.push(...kernelLacks());
  if (image === undefined || !existsSync(join(image, "usr/lib/systemd/systemd")))
    lines.push("the machines' system: `make setup` builds it, once");
  return lines;
}

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Tried out in namespaces of their own, which are gone at once. */
const trials = {
  "network namespaces, veth and bridges":
    "ip link add lab0 type bridge && ip link add lab1 type veth peer name lab2 && ip link set lab1 master lab0",
  overlayfs:
    "mount -t tmpfs t /mnt && mkdir /mnt/l /mnt/u /mnt/w /mnt/m && mount -t overlay o -o lowerdir=/mnt/l,upperdir=/mnt/u,workdir=/mnt/w,volatile /mnt/m",
} as const;

const attempt = (trial: string): void => {
  execFileSync("unshare", ["--mount", "--net", "--pid", "--fork", "sh", "-c", trial], { stdio: "pipe" });
};

/** Kinds of interfaces that this computer's kernel, and so each machine's, cannot make. */
export function missingInterfaces(): ("bond" | "vlan")[] {
  const kinds = {
    bond: "ip link add lab0 type bond",
    vlan: "ip link add lab0 type veth peer name lab1 && ip link add link lab0 name lab2 type vlan id 5",
  } as const;
  return (["bond", "vlan"] as const).filter((kind) => {
    try {
      attempt(kinds[kind]);
      return false;
    } catch {
      return true;
    }
  });
}

/** Whether machines' disks can be in this folder: not every file system takes the upper layer of an overlay. */
export function takesDisks(folder: string): boolean {
  const trial = join(folder, `.trial-${String(process.pid)}`);
  try {
    for (const name of ["lower", "upper", "work", "root"]) mkdirSync(join(trial, name), { recursive: true });
    const options = "lowerdir=lower,upperdir=upper,workdir=work,volatile";
    attempt(`cd '${trial}' && mount -t overlay trial -o ${options} root`);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

function kernelLacks(): string[] {
  return Object.entries(trials).flatMap(([what, trial]) => {
    try {
      attempt(trial);
      return [];
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
      return [`a kernel with ${what}${said === "" ? "" : ` (${said.split("\n")[0] ?? ""})`}`];
    }
  });
}
