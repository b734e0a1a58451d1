/** Auto mode: machines move on by themselves, on scaled time. */
import type { LabState } from "./maas/state.ts";

export interface AutomationOptions {
  /** The current state; a reset replaces it, so ask each time. */
  state: () => LabState;
  /** To be called after every change made outside a request. */
  changed: () => Promise<void>;
  /** Simulated seconds per real second. */
  timeScale: number;
}

export interface Automation {
  stop(): void;
}

export function startAutomation(_options: AutomationOptions): Automation {
  return { stop: () => undefined };
}
