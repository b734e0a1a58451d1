/**
 * `npm run pictures`: draws docs/lab-page.png anew, the lab's page in Chromium with machines in several states, and
 * docs/graph.svg, which is what `make graph` draws of the stack, so `make up` comes first.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLab, type Lab } from "../../lab/lab.ts";
import { createMaasClient, type MaasClient } from "../../providers/maas/client.ts";
import { projectRoot } from "../project.ts";
import { command } from "../stack/command.ts";
import { openBrowser } from "../testing/browser.ts";

const docs = join(projectRoot, "docs");

/** The rack of Pulumi.dev.yaml, each machine somewhere else: how far it goes, as the lab's control routes call it. */
const machines: Record<string, { outcome?: string; deploy?: boolean; deployed?: boolean }> = {
  server1: { outcome: "commission-ok", deploy: true, deployed: true },
  server2: { outcome: "commission-ok", deploy: true, deployed: true },
  server3: { outcome: "commission-ok", deploy: true },
  server4: { outcome: "commission-test-fail" },
  server5: {},
};

async function fill(lab: Lab, maas: MaasClient): Promise<void> {
  const boot = async (machine: string, outcome: string, ip: string) => {
    const body = JSON.stringify({ machine, outcome, ip });
    const { ok } = await fetch(`${lab.controlUrl}/boot`, { method: "POST", body });
    if (!ok) throw new Error(`the lab refused ${outcome}`);
  };
  await maas.tags.create({ name: "ovn-chassis" });
  for (const [index, [hostname, { outcome, deploy, deployed }]] of Object.entries(machines).entries()) {
    const number = String(index + 1);
    const { system_id: id } = await maas.machines.create({
      hostname,
      architecture: "amd64/generic",
      commission: false,
      mac_addresses: [`1c:69:7a:00:00:0${number}`],
      power_type: "amt",
      power_parameters: { power_address: `172.16.15.${number}`, power_pass: "lab" },
    });
    await maas.tags.updateNodes("ovn-chassis", { add: [id] });
    const ip = `172.16.1.10${number}`;
    await maas.machines.commission(id, {});
    if (outcome !== undefined) await boot(id, outcome, ip);
    if (deploy) await maas.machines.deploy(id, { distro_series: "jammy" });
    if (deployed) await boot(id, "deploy-ok", ip);
  }
}

async function drawPage(file: string): Promise<void> {
  const lab = await startLab({ mode: "explicit" });
  const browser = await openBrowser();
  try {
    await fill(lab, createMaasClient({ url: lab.maasUrl, key: lab.adminKey }));
    const page = await browser.newPage({ viewport: { width: 1180, height: 560 } });
    await page.goto(lab.maasUrl);
    await page.getByText("Live").waitFor();
    await page.screenshot({ path: file, fullPage: true, animations: "disabled" });
  } finally {
    await browser.close();
    await lab.close();
  }
}

function drawGraph(file: string): void {
  const folder = mkdtempSync(join(tmpdir(), "metalform-graph-"));
  try {
    const { status } = spawnSync(process.execPath, [join(projectRoot, "tools", "graph.ts"), "--out", folder], {
      stdio: "inherit",
    });
    if (status !== 0) throw new Error("`make graph` failed");
    copyFileSync(join(folder, "rack.svg"), file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await command(async () => {
  await drawPage(join(docs, "lab-page.png"));
  drawGraph(join(docs, "graph.svg"));
  return 0;
});
