/**
 * Deleting a subnet or a VLAN takes the links of machines with it, and MAAS says no word (facts: maas.md traps 6 and 24).
 * So it is refused while a machine at work has one, and told when one at rest loses its own.
 */
import { ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { isInUse } from "./commissioning.ts";
import type { MaasServices } from "./services.ts";

/**
 * @param what "subnet 172.16.0.0/20"
 * @param filter which machines have a link there
 * @throws ProviderError wrong-state, naming the machines at work
 */
export async function refuseToCutOff(
  { services, warn }: Pick<Context<MaasServices>, "services" | "warn">,
  what: string,
  filter: { subnets: number[] } | { vlans: number[] },
): Promise<void> {
  const machines = await services.client.machines.list(filter);
  const atWork = machines.filter(({ status }) => isInUse(status));
  if (atWork.length > 0) {
    const them = atWork.map(({ hostname, status_name }) => `${hostname} (${status_name})`).join(", ");
    throw new ProviderError(
      "wrong-state",
      `The ${what} is not deleted: it would cut off ${them}. Release what is at work there, then run it again.`,
    );
  }
  if (machines.length > 0) {
    const them = machines.map(({ hostname }) => hostname).join(", ");
    warn(`With the ${what} go the links that ${them} had there. Commission again, or link, before a deployment.`);
  }
}
