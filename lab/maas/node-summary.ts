/** Which node an interface belongs to, in the short form of address lists. */
import { nodeById } from "./links.ts";
import type { LabState } from "./state.ts";

export interface NodeSummary {
  system_id: string;
  node_type: number;
  fqdn: string;
  hostname: string;
  is_container: boolean;
  /** The interface's name. */
  via: string;
  ownerId: number | null;
}

const machineType = 0;
const deviceType = 1;
const regionAndRackType = 4;

export function interfaceHolder(state: LabState, interfaceId: number): NodeSummary | undefined {
  const fqdn = (hostname: string, domainId: number): string => `${hostname}.${state.domains[domainId]?.name ?? ""}`;
  for (const rack of Object.values(state.controllers))
    if (rack.interface.id === interfaceId)
      return {
        system_id: rack.systemId,
        node_type: regionAndRackType,
        fqdn: fqdn(rack.hostname, rack.domainId),
        hostname: rack.hostname,
        is_container: false,
        via: rack.interface.name,
        ownerId: null,
      };
  const nic = state.interfaces[interfaceId];
  const machine = nic && nodeById(state, nic.systemId);
  if (!nic || !machine) return undefined;
  return {
    system_id: machine.systemId,
    node_type: machine.systemId in state.devices ? deviceType : machineType,
    fqdn: fqdn(machine.hostname, machine.domainId),
    hostname: machine.hostname,
    is_container: false,
    via: nic.name,
    ownerId: machine.ownerId,
  };
}
