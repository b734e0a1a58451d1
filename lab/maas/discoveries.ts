/** What racks see in their networks: nothing, in the lab; and asking them to look (src/maasserver/api/discoveries.py). */
import { caller } from "./caller.ts";
import { mandatory, readStringBool } from "./form.ts";
import { parseNetwork } from "./ip-address.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { deleted, json, notFound, refusal } from "./reply.ts";

const plain = (body: string, status: number): Reply => ({ status, contentType: "text/plain", body });

const closed = (): Reply => plain("Must be an administrator to clear discovery entries.", 403);

function clear(call: Call): Reply {
  const wanted = ["all", "mdns", "neighbours"].map((name) => readStringBool(call.form, name, false));
  if (!caller(call).isSuperuser) return closed();
  if (wanted.includes(true)) return deleted();
  return plain(
    "Bad request: could not determine what data to clear.\nMust specify mdns=True, neighbours=True, or all=True.",
    400,
  );
}

function clearOne(call: Call): Reply {
  mandatory(call.form, "ip");
  mandatory(call.form, "mac");
  if (!caller(call).isSuperuser) return closed();
  return plain("Gone", 410);
}

const scanEverything =
  "Bad request: scanning all subnets is not allowed unless force=True is specified.\n\n**WARNING: This will scan ALL networks attached to MAAS rack controllers.\nCheck with your internet service provider or IT department to be sure this is\nallowed before proceeding.**\n";

/** Every rack begins, and finds nothing. */
function scan({ state, form }: Call): Reply {
  const wrong = form.all("cidr").find((cidr) => !parseNetwork(cidr));
  if (wrong !== undefined) throw refusal(400, `Invalid cidr: Invalid network: ${wrong}`);
  const force = readStringBool(form, "force", false);
  for (const name of ["always_use_ping", "slow"]) readStringBool(form, name, false);
  const threads = form.get("threads");
  if (threads !== undefined && (threads.trim() === "" || Number.isNaN(Number(threads))))
    throw refusal(400, "Invalid threads: Please enter a number");
  if (form.all("cidr").length === 0 && !force) return plain(scanEverything, 400);
  const racks = Object.values(state.controllers).map(({ systemId, hostname }) => ({ system_id: systemId, hostname }));
  return json({
    result: "Scanning is in-progress on all rack controllers.",
    scan_attempted_on: racks,
    failed_to_connect_to: [],
    scan_started_on: racks,
    scan_failed_on: [],
    rpc_call_timed_out_on: [],
    failures: [],
  });
}

const path = "discovery/";

export const discoveryOperations: Operation[] = [
  ...[undefined, "by_unknown_mac", "by_unknown_ip", "by_unknown_ip_and_mac"].map((op): Operation => ({
    method: "GET",
    path,
    access: "user",
    ...(op === undefined ? {} : { op }),
    handle: () => json([]),
  })),
  {
    method: "GET",
    path: `${path}:discovery_id/`,
    access: "user",
    handle: () => {
      throw notFound("Discovery");
    },
  },
  { method: "POST", path, op: "clear", access: "user", handle: clear },
  { method: "POST", path, op: "clear_by_mac_and_ip", access: "user", handle: clearOne },
  { method: "POST", path, op: "scan", access: "user", handle: scan },
];
