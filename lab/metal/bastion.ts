/** The way in: a port on 127.0.0.1 that leads to main's SSH, and the files that tell OpenSSH about it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";

/** A port of 127.0.0.1, chosen by the system, whose connections go on to a Unix socket. */
export async function passage(socket: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ path: socket, allowHalfOpen: true });
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("error", () => outgoing.destroy());
    outgoing.on("error", () => incoming.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: 0, host: "127.0.0.1" }, resolve);
  });
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** The lab's own key, for main and for machines that are deployed with it; made once. Returns the public one. */
export function labKey(folder: string): string {
  const file = join(folder, "id_ed25519");
  if (!existsSync(file))
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "metalform-lab", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** @param networks CIDRs of the lab's subnets @param domains names of its DNS domains. Returns the file. */
export function writeSshConfig(
  folder: string,
  port: number,
  networks: readonly string[],
  domains: readonly string[],
): string {
  const file = join(folder, "ssh_config");
  const hosts = [...networks.flatMap(patterns), ...domains.map((domain) => `*.${domain}`)].join(" ");
  const text = `# ssh -F ${file} main; the lab's machines by address or by name, through main. The lab keeps this file as its subnets are.
Host main
  HostName 127.0.0.1
  Port ${String(port)}

Host ${hosts}
  ProxyJump main

Host *
  User ubuntu
  IdentityFile ${join(folder, "id_ed25519")}
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  ConnectTimeout 20
  ServerAliveInterval 5
`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return file;
  // Replaced as a whole: ssh may read it at this moment.
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

/** ssh matches addresses by text: 172.16.0.0/20 is 172.16.0.* to 172.16.15.*. */
function patterns(cidr: string): string[] {
  const [address = "", prefix = "32"] = cidr.split("/");
  const octets = address.split(".").map(Number);
  const bits = Number(prefix);
  const whole = Math.min(Math.floor(bits / 8), 3);
  const start = octets.slice(0, whole);
  const span = 2 ** (8 * (whole + 1) - bits);
  const rest = whole === 3 ? "" : ".*";
  if (whole === 3 || span > 64) return [`${octets.slice(0, whole).join(".")}.*`];
  return Array.from({ length: span }, (_, step) => `${[...start, (octets[whole] ?? 0) + step].join(".")}${rest}`);
}
