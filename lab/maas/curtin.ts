/** The configuration MAAS gives to curtin: networks as netplan, disks, and the calls back (facts: maas.md 2.4; transcripts s11, s12, s15). */
import { machineFor } from "./access.ts";
import { curtinNetwork, rackAddresses } from "./curtin-network.ts";
import { curtinStorage } from "./curtin-storage.ts";
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { nodeToken } from "./node-token.ts";
import type { Call, Operation } from "./operation.ts";
import { refusal } from "./reply.ts";
import type { Json, LabState } from "./state.ts";
import { toYaml } from "./yaml.ts";

type Node = Record<string, Json>;

function reporting(machine: Machine, region: string): Node {
  const token = nodeToken(machine);
  return {
    consumer_key: token.consumerKey,
    endpoint: `${region}/MAAS/metadata/status/${machine.systemId}`,
    token_key: token.key,
    token_secret: token.secret,
    type: "webhook",
  };
}

export function curtinConfig(state: LabState, machine: Machine): string {
  const region = `http://${rackAddresses(state)[0] ?? "127.0.0.1"}:5240`;
  const netbootOff = `${region}/MAAS/metadata/latest/by-id/${machine.systemId}/`;
  return toYaml({
    apt: { preserve_sources_list: false, proxy: `http://${rackAddresses(state)[0] ?? "127.0.0.1"}:8000/` },
    install: {
      error_tarfile: "/tmp/curtin-logs.tar",
      log_file: "/tmp/install.log",
      post_files: ["/tmp/install.log", "/tmp/curtin-logs.tar"],
    },
    late_commands: { maas: ["wget", "--no-proxy", netbootOff, "--post-data", "op=netboot_off", "-O", "/dev/null"] },
    network: curtinNetwork(state, machine),
    network_commands: { builtin: ["curtin", "net-meta", "custom"] },
    partitioning_commands: { builtin: ["curtin", "block-meta", "custom"] },
    reporting: { maas: reporting(machine, region) },
    showtrace: true,
    storage: curtinStorage(state, machine),
    verbosity: 3,
  });
}

const deploymentStatuses = new Set<number>([status.deploying, status.deployed, status.failedDeployment]);

function getCurtinConfig(call: Call) {
  const machine = machineFor(call, "view");
  if (!deploymentStatuses.has(machine.status))
    throw refusal(400, `Machine ${machine.hostname} is not in a deployment state.`);
  return { status: 200, contentType: "text/plain", body: curtinConfig(call.state, machine) };
}

export const curtinOperations: Operation[] = [
  {
    method: "GET",
    path: "machines/:system_id/",
    op: "get_curtin_config",
    access: "user",
    writes: true,
    handle: getCurtinConfig,
  },
];
