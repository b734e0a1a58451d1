/** The metal level of a lab: machines, the ways in and out of their world, and the files that tell people about them. */
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { Server } from "node:net";
import { join, resolve } from "node:path";
import { addKey, hasKey } from "../maas/ssh-keys.ts";
import type { LabState } from "../maas/state.ts";
import { labKey, passage, portOf, writeSshConfig } from "./bastion.ts";
import { Metal } from "./metal.ts";
import { missingForMetal } from "./missing.ts";
import { packageServer } from "./packages.ts";
import { script } from "./world.ts";

export interface MetalLevelOptions {
  /** Root of the machines' system. */
  image: string;
  /** Where disks, keys and ssh_config are kept. */
  folder: string;
  /** Where packages are kept that machines have fetched; labs may share it. */
  packages: string;
  /** Called when the machines are gone although nobody stopped the lab. */
  ended: (reason: string) => void;
}

interface Region {
  state: () => LabState;
  writable: () => LabState;
  changed: () => Promise<void>;
  warn: (line: string) => void;
  /** Answers as MAAS. */
  serve: RequestListener;
}

export interface MetalLevel {
  ssh: { config: string; port: number };
  /** The port of 127.0.0.1 that leads to port 80 of main, from beyond main. */
  web: { port: number };
  /** To be called after every change of MAAS's tables. */
  look(): void;
  close(): Promise<void>;
}

export const ephemeralUserData = (): string => readFileSync(script("ephemeral-user-data.py"), "utf8");

/** @throws Error with all that this computer lacks. Returns once main answers SSH. */
export async function startMetal(options: MetalLevelOptions, region: Region): Promise<MetalLevel> {
  const missing = missingForMetal(options.image);
  if (missing.length > 0)
    throw new Error(`Machines cannot boot here. Missing:\n${missing.map((line) => `  ${line}`).join("\n")}`);
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const publicKey = labKey(folder);
  await registerKey(region, publicKey);
  const metal = await Metal.start({
    ...region,
    image: resolve(options.image),
    folder: join(folder, "metal"),
    publicKey,
    ended: options.ended,
  });
  const servers: Server[] = [];
  try {
    servers.push(maasFor(region).listen(join(metal.sockets, "maas")));
    const packages = packageServer({ image: options.image, cache: options.packages, warn: region.warn });
    packages.listen(join(metal.sockets, "packages"));
    servers.push(packages);
    await metal.run();
    const bastion = await passage(metal.sshSocket);
    servers.push(bastion);
    const port = portOf(bastion);
    const web = await passage(metal.webSocket);
    servers.push(web);
    const config = tellSsh(folder, port, region.state());
    return {
      ssh: { config, port },
      web: { port: portOf(web) },
      look: () => {
        tellSsh(folder, port, region.state());
        metal.look();
      },
      close: () => close(metal, servers),
    };
  } catch (error) {
    await close(metal, servers);
    throw error;
  }
}

/** MAAS, as machines reach it: without the lab's own routes, which are for whoever runs the lab. */
const maasFor = ({ serve }: Region) =>
  createServer((request, response) => {
    if (request.url?.startsWith("/MAAS/")) serve(request, response);
    else response.writeHead(404).end();
  });

/** Subnets and domains come and go; OpenSSH reads the file each time. */
function tellSsh(folder: string, port: number, state: LabState): string {
  const networks = Object.values(state.subnets).flatMap(({ cidr }) => (cidr.includes(":") ? [] : [cidr]));
  const domains = Object.values(state.domains).map(({ name }) => name);
  return writeSshConfig(folder, port, networks, domains);
}

/** As a person would have done it: the administrator's machines then let the lab's key in, without a word in any config. */
async function registerKey({ changed, writable }: Region, key: string): Promise<void> {
  const state = writable();
  const admin = Object.values(state.users).find(({ isSuperuser }) => isSuperuser);
  if (!admin || hasKey(state, admin.id, key)) return;
  addKey(state, admin.id, key);
  await changed();
}

async function close(metal: Metal, servers: readonly Server[]): Promise<void> {
  await metal.close();
  for (const server of servers) server.close();
}
