/** Asks the stack's MAAS about its machines, past Pulumi: what a command claims is read from MAAS itself. */
import { readFileSync } from "node:fs";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { createMaasClient } from "../../providers/maas/client.ts";
import { pulumiOutput } from "./pulumi-cli.ts";
import type { Session } from "./session.ts";

/** The machines with these system IDs that MAAS has. */
export async function readMachines(session: Session, systemIds: string[]): Promise<Machine[]> {
  if (systemIds.length === 0) return [];
  return createMaasClient(settings(session)).machines.list({ id: systemIds });
}

/** As the providers read them: the environment first, then config. */
function settings(session: Session): { url: string; key: string; ca?: string } {
  const { METALFORM_MAAS_URL: url, METALFORM_MAAS_KEY: key, METALFORM_MAAS_CA: caFile } = session.environment;
  const config = url && key ? {} : readConfig(session);
  const ca = caFile ?? config["metalform:maasCa"]?.value;
  return {
    url: url || (config["metalform:maasUrl"]?.value ?? ""),
    key: key || (config["metalform:maasKey"]?.value ?? ""),
    ...(ca ? { ca: readFileSync(ca, "utf8") } : {}),
  };
}

type Config = Record<string, { value?: string }>;

const readConfig = (session: Session): Config =>
  JSON.parse(pulumiOutput(["config", "--json", "--show-secrets"], session.environment)) as Config;
