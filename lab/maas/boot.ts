/** What a boot record makes a machine do (test/fixtures/maas/transcripts/seed.json, boot_outcomes). */
import type { LabState } from "./state.ts";

export interface BootRequest {
  /** system_id. */
  machine: string;
  outcome: string;
  /** The address that the boot NIC has from DHCP. */
  ip?: string;
}

/** Throws when the machine or the outcome is unknown; returns once the machine has settled. */
export function boot(state: LabState, request: BootRequest): void {
  void state;
  throw new Error(`Not simulated yet: ${request.outcome}`);
}
