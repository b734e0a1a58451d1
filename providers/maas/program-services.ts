/**
 * MAAS for the program itself, which asks it for what is there before it declares anything. The provider process has
 * services of its own; this one is made only when something asks.
 */
import { join } from "node:path";
import { Config } from "@pulumi/pulumi/config.js";
import { systemClock } from "../core/clock.ts";
import { History } from "../core/history.ts";
import { Settings } from "../core/settings.ts";
import { createMaasServices } from "./services.ts";
import type { MaasServices } from "./services.ts";

let services: MaasServices | undefined;

export function programServices(): MaasServices {
  const config = new Config("metalform");
  return (services ??= createMaasServices({
    settings: new Settings({ get: (key) => config.get(key) }),
    clock: systemClock,
    history: new History(join(import.meta.dirname, "..", "..", ".metalform", "durations.json")),
    live: false,
  }));
}
