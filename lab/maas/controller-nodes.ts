/** What nodes/{system_id}/... answers for a controller: it has one interface, no disks that are shown and no script results. */
import { requireAdmin } from "./caller.ts";
import { renderControllerInterface } from "./controllers.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { json, notFound, refusal } from "./reply.ts";
import type { Controller } from "./state.ts";

/** The same operations, of which those on nodes know controllers too. */
export const withControllers = (operations: readonly Operation[]): Operation[] =>
  operations.map((operation) => {
    if (!/^nodes\/:system_id\/./.test(operation.path)) return operation;
    const handle: Operation["handle"] = (call) => {
      const rack = call.state.controllers[call.params["system_id"] ?? ""];
      return rack ? answerFor(rack, operation, call) : operation.handle(call);
    };
    return { ...operation, handle };
  });

function answerFor(rack: Controller, { method, path, op }: Operation, call: Call): Reply {
  requireAdmin(call);
  const below = path.slice("nodes/:system_id/".length);
  if (method === "GET" && op === undefined)
    switch (below) {
      case "interfaces/":
        return json([renderControllerInterface(call.state, rack)]);
      case "interfaces/:id/":
        if (call.params["id"] !== String(rack.interface.id)) throw notFound("Interface");
        return json(renderControllerInterface(call.state, rack));
      case "results/":
        return json([]);
    }
  if (below.startsWith("blockdevices/")) throw notFound("Machine");
  if (below.startsWith("results/")) throw notFound("ScriptSet");
  throw refusal(
    501,
    `Not simulated by the lab: ${method} ${path}${op === undefined ? "" : ` op=${op}`} for a controller`,
  );
}
