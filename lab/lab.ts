/** The embedded lab: a MAAS 3.5 region that behaves like one, on 127.0.0.1, and its control routes. */
import fastify from "fastify";
import { startAutomation } from "./automation.ts";
import { LabClock } from "./clock.ts";
import { registerControl, RequestCounter } from "./control.ts";
import type { Operation } from "./maas/operation.ts";
import { operations as allOperations } from "./maas/operations.ts";
import { keyText, livingLayout, transcriptLayout } from "./maas/seed.ts";
import { registerMaas } from "./maas/server.ts";
import { ephemeralUserData, startMetal, type MetalLevel, type MetalLevelOptions } from "./metal/level.ts";
import { registerPage } from "./page/page.ts";
import { Store } from "./store.ts";

export interface LabOptions {
  /** @default 0, a free port */
  port?: number;
  /** @default "127.0.0.1" */
  host?: string;
  /** `auto`: machines move on by themselves. `explicit`: only when /lab/boot says so. @default "auto" */
  mode?: "auto" | "explicit";
  /** Auto mode: simulated seconds per real second. @default 1 */
  timeScale?: number;
  /** Where the state is kept over a restart. @default none, memory only */
  stateDirectory?: string;
  /** Machines really boot (needs root). @default none: they are records of the API alone */
  metal?: MetalLevelOptions | undefined;
  /** Holds the state. @default one of its own */
  store?: Store;
  /** @default all that the lab has */
  operations?: readonly Operation[];
  /** Where warnings go (an operation that is not simulated, a fault of the lab). @default stderr */
  warn?: (line: string) => void;
}

export interface Lab {
  /** e.g. http://127.0.0.1:5240/MAAS */
  maasUrl: string;
  /** API keys `consumer:token:secret` of the superuser "admin" and of "bob", who is none. */
  adminKey: string;
  userKey: string;
  /** e.g. http://127.0.0.1:5240/lab */
  controlUrl: string;
  /** Metal level: the file of OpenSSH that knows the machines, and the port of 127.0.0.1 that is main's SSH. */
  ssh?: { config: string; port: number };
  /** Metal level: the port of 127.0.0.1 that leads to port 80 of main, from beyond main. */
  web?: { port: number };
  close(): Promise<void>;
}

export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const { port = 0, host = "127.0.0.1", mode = "auto", timeScale = 1, operations = allOperations } = options;
  const warn = options.warn ?? ((line: string) => process.stderr.write(`${line}\n`));
  const store = options.store ?? new Store(options.stateDirectory, mode === "auto" ? livingLayout : transcriptLayout);
  // Also in a state that the other mode left.
  store.writable.selfRunning = mode === "auto";
  store.writable.metalPace = options.metal && mode === "auto" ? timeScale : 0;
  // The keys are given out at once; a restart must know them.
  await store.changed();
  const requests = new RequestCounter();
  const app = fastify({ logger: false, bodyLimit: 64 * 1024 * 1024, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
  let level: MetalLevel | undefined;
  const access = {
    state: () => store.state,
    writable: () => store.writable,
    changed: async () => {
      await store.changed();
      level?.look();
    },
  };
  const counted = (operation: string): void => {
    requests.count(operation);
  };
  registerControl(app, store, requests, timeScale, access.changed);
  registerPage(app, { state: () => store.state, watch: (changed) => store.watch(changed) });
  registerMaas(app, { operations, ...access, counted, warn, ephemeral: ephemeralUserData });
  const base = await app.listen({ port, host });
  const automation =
    mode === "auto"
      ? startAutomation({ ...access, clock: new LabClock(store.state.clock, timeScale), warn })
      : undefined;
  try {
    if (options.metal && mode === "auto")
      level = await startMetal(options.metal, {
        ...access,
        warn,
        serve: (request, response) => {
          app.routing(request, response);
        },
      });
  } catch (error) {
    automation?.stop();
    await app.close();
    throw error;
  }
  return {
    maasUrl: `${base}/MAAS`,
    adminKey: keyText(store.keys.admin),
    userKey: keyText(store.keys.user),
    controlUrl: `${base}/lab`,
    ...(level ? { ssh: level.ssh, web: level.web } : {}),
    close: async () => {
      automation?.stop();
      await level?.close();
      await app.close();
    },
  };
}
