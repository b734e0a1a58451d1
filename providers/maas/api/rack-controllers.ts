/** `rackcontrollers/`: who serves DHCP and power to which networks (facts: maas.md 2.17). For administrators. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Interface } from "./interfaces.ts";

export interface RackController {
  system_id: string;
  hostname: string;
  ip_addresses: string[];
  interface_set: Interface[];
}

export const rackControllersApi = (send: Send) => ({
  list: () => send<RackController[]>({ method: "GET", path: at("rackcontrollers"), doing: "listing rack controllers" }),
});

export type RackControllersApi = ReturnType<typeof rackControllersApi>;
