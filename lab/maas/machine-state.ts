/** Tables of machines and what hangs on them. */
import type { Table } from "./state.ts";

/** The part of a machine's row that tags, pools, zones and domains rely on. */
export interface Machine {
  systemId: string;
  hostname: string;
  domainId: number;
  zoneId: number;
  poolId: number;
  ownerId: number | null;
  tagIds: number[];
}

export interface MachineState {
  /** By system_id, in the order of creation. */
  machines: Table<Machine>;
}

export const emptyMachineState = (): MachineState => ({ machines: {} });
