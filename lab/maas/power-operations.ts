/** power_on, power_off, query_power_state, power_parameters and the node's token (facts: maas.md 2.4, 2.5). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { checkDeployable, startDeployment } from "./deploy.ts";
import { addRequest } from "./events.ts";
import type { Machine } from "./machine-state.ts";
import { load } from "./machine-status.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { controlPower, isControllable } from "./power.ts";
import { json, refusal } from "./reply.ts";
import { startMachine } from "./start.ts";
import type { Json } from "./state.ts";

/** Needs an owner; in Allocated this starts a deployment. */
function powerOn(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  const user = caller(call);
  if (machine.ownerId === null) throw refusal(409, "Can't start node: it hasn't been allocated.");
  const comment = form.get("comment");
  if (machine.status === status.allocated) checkDeployable(state, machine);
  return committed(state, machine, (after) => {
    if (machine.status === status.allocated) {
      startDeployment(state, machine, user, { comment, userData: form.get("user_data") }, after);
      return;
    }
    addRequest(state, machine, "requestStart", user, "start", comment);
    startMachine(state, load(machine), after, { user, mayCycle: false });
  });
}

/** null where MAAS cannot stop the machine. */
function powerOff(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  addRequest(state, machine, "requestStop", caller(call), "stop", form.get("comment"));
  if (!isControllable(machine)) return json(null);
  return committed(state, machine, (after) => {
    after.add(() => {
      controlPower(state, machine, "off");
    });
  });
}

function queryPowerState(call: Call) {
  const machine = machineFor(call, "view");
  if (machine.powerType === "") throw refusal(503, "No BMC is defined.  Cannot power control node.");
  if (!isControllable(machine)) {
    machine.powerState = "unknown";
    return json({ state: "unknown" });
  }
  return json({ state: controlPower(call.state, machine, "query") });
}

export function powerParametersOf(machine: Machine): Record<string, Json> {
  return machine.powerParameters;
}

function powerParameters(call: Call) {
  return json(powerParametersOf(machineFor(call, "adminRead", "Node")));
}

function allPowerParameters({ state, query }: Call) {
  const ids = query.has("id") ? query.all("id") : Object.keys(state.machines);
  return json(
    Object.fromEntries(
      ids.flatMap((id) => {
        const machine = state.machines[id];
        return machine ? [[id, powerParametersOf(machine)]] : [];
      }),
    ),
  );
}

function getToken(call: Call) {
  const { token } = machineFor(call, "adminRead");
  return json(token && { token_key: token.key, token_secret: token.secret, consumer_key: token.consumerKey });
}

const machinePath = "machines/:system_id/";

export const powerOperations: Operation[] = [
  { method: "POST", path: machinePath, op: "power_on", access: "user", handle: powerOn },
  { method: "POST", path: machinePath, op: "power_off", access: "user", handle: powerOff },
  { method: "GET", path: machinePath, op: "query_power_state", access: "user", writes: true, handle: queryPowerState },
  { method: "GET", path: machinePath, op: "power_parameters", access: "user", handle: powerParameters },
  { method: "GET", path: "machines/", op: "power_parameters", access: "admin", handle: allPowerParameters },
  { method: "GET", path: machinePath, op: "get_token", access: "user", handle: getToken },
];
