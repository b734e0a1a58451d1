/** The end of a release: the machine is free again (facts: maas.md 3.5, trap 12). */
import { addEvent } from "./events.ts";
import { releaseInterfaces } from "./links.ts";
import { changeStatus, setOwner, type Loaded } from "./machine-status.ts";
import { status } from "./node-status.ts";
import { resultsOf, scriptSet } from "./script-sets.ts";
import { overallStatus, scriptStatus } from "./script-status.ts";
import type { LabState } from "./state.ts";

/** To Ready, or to New where the current commissioning did not pass. */
export function finalizeRelease(state: LabState, loaded: Loaded): void {
  const { machine } = loaded;
  releaseInterfaces(state, machine);
  const commissioning = scriptSet(state, machine.commissioningSetId);
  const passed = commissioning !== undefined && overallStatus(resultsOf(state, commissioning)) === scriptStatus.passed;
  changeStatus(loaded, passed ? status.ready : status.new);
  setOwner(machine, null);
  addEvent(state, machine, "released");
  machine.annotations = {};
}
