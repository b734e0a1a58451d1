/**
 * The lab in explicit mode with the real client and watcher in front of it. Machines move only when they are told: the
 * test says which outcome follows which request, and that happens as soon as MAAS has answered it.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { startLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";
import { systemClock } from "../../providers/core/clock.ts";
import { dynamicProvider, untyped } from "../../providers/core/dispatch.ts";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { History } from "../../providers/core/history.ts";
import { Journal } from "../../providers/core/journal.ts";
import type { Lifecycle } from "../../providers/core/lifecycle.ts";
import { Settings } from "../../providers/core/settings.ts";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { createMaasClient } from "../../providers/maas/client.ts";
import type { MaasClient } from "../../providers/maas/client.ts";
import { createMaasServices } from "../../providers/maas/services.ts";
import type { MaasServices } from "../../providers/maas/services.ts";

/** What a machine does when it is asked to commission, test or deploy. */
export type Outcomes = Partial<Record<"commission" | "test" | "deploy" | "release", string>>;

const GOOD: Outcomes = { commission: "commission-ok", test: "test-ok", deploy: "deploy-ok" };

export class ExplicitLab {
  readonly lab: Lab;
  /** As the admin, the way a second person at MAAS would. */
  readonly admin: MaasClient;
  readonly services: MaasServices;
  /** "POST machines/ allocate": every request of the resources, in order. */
  readonly requests: string[] = [];
  readonly warnings: string[] = [];
  readonly notes: string[] = [];
  /** Lines of progress. */
  readonly said: string[] = [];
  outcomes: Outcomes = { ...GOOD };
  /** How far an import of images has got at each look at it, in per cent. */
  imports: number[] = [100];
  /** Called when MAAS has done a request of the resources; what it throws is what happens instead of the answer. */
  interrupt: (request: string) => void = () => undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), "metalform-begun-"));
  private booting: Promise<unknown> = Promise.resolve();
  private importing = false;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.admin = createMaasClient({ url: lab.maasUrl, key: lab.adminKey }, { onRequest: () => undefined });
    const client = createMaasClient(
      { url: lab.maasUrl, key: lab.adminKey },
      {
        onRequest: ({ method, path, op, status }) => {
          const request = `${method} ${path}${op === undefined ? "" : ` ${op}`}`;
          this.requests.push(request);
          if (op === "import" || (op === "is_importing" && this.importing)) this.goOnImporting();
          const outcome = status === 200 && op !== undefined ? this.outcomes[op as keyof Outcomes] : undefined;
          const machine = /^machines\/(\w+)\/$/.exec(path)?.[1];
          if (outcome !== undefined && machine !== undefined) this.booting = this.boot(machine, outcome);
          this.interrupt(request);
        },
      },
    );
    const environment = { METALFORM_POWER_PASSWORD: "planted-amt-password" };
    this.services = createMaasServices({
      client,
      settings: new Settings({ get: () => undefined }, environment),
      clock: systemClock,
      history: new History(),
      live: false,
    });
  }

  static async start(t: TestContext): Promise<ExplicitLab> {
    const lab = await startLab({ mode: "explicit" });
    const explicit = new ExplicitLab(lab);
    t.after(async () => {
      await explicit.booting;
      await lab.close();
      rmSync(explicit.folder, { recursive: true });
    });
    return explicit;
  }

  /** A kind's provider as the engine sees it. */
  provider<Inputs extends object, State extends Inputs>(
    lifecycle: Lifecycle<MaasServices, Inputs, State>,
    services: MaasServices = this.services,
  ): DynamicProvider {
    return dynamicProvider(() => Promise.resolve(untyped(lifecycle)), {
      services: () => services,
      clock: systemClock,
      progress: (_urn, text) => this.said.push(text),
      warn: (_urn, text) => this.warnings.push(text),
      note: (_urn, text) => this.notes.push(text),
      journal: new Journal(this.folder, "test"),
    });
  }

  async boot(machine: string, outcome: string): Promise<void> {
    await this.control("boot", JSON.stringify({ machine, outcome, ip: "172.16.1.101" }), "application/json");
  }

  /** Commissioned, as the admin enlists it: one card, with an automatic link. @returns its system ID */
  async readyMachine(mac: string): Promise<string> {
    const { system_id: id } = await this.admin.machines.create({
      architecture: "amd64/generic",
      mac_addresses: [mac],
      commission: false,
      power_type: "manual",
    });
    await this.admin.machines.commission(id, { testing_scripts: "none" });
    await this.boot(id, "commission-ok");
    return id;
  }

  private async control(route: string, body: string, type: string): Promise<void> {
    const url = `${this.lab.controlUrl}/${route}`;
    const answer = await fetch(url, { method: "POST", body, headers: { "content-type": type } });
    assert.ok(answer.ok, `${route} ${body}: ${await answer.text()}`);
  }

  private goOnImporting(): void {
    const [percent, ...later] = this.imports;
    this.importing = percent !== undefined && percent < 100;
    if (percent === undefined) return;
    this.imports = later.length > 0 ? later : this.importing ? [] : [100];
    this.booting = this.booting.then(() => this.control("import", String(percent), "text/plain"));
  }

  async machine(systemId: string): Promise<Machine> {
    const found = await this.admin.machines.read(systemId);
    assert.ok(found, `machine ${systemId} is in MAAS`);
    return found;
  }

  /** Requests since the last call, without those that only look. */
  writes(): string[] {
    return this.requests.splice(0).filter((request) => !request.startsWith("GET"));
  }
}

export const urnOf = (kind: string, name: string): string =>
  `urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/${kind}::${name}`;

/** Inputs as the engine hands them to create: checked, normalised, with the engine's own keys. */
export async function checked(
  provider: DynamicProvider,
  kind: string,
  name: string,
  inputs: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const result = await provider.check({}, { ...inputs, __urn: urnOf(kind, name), __provider: "text" });
  assert.deepEqual(result.failures, []);
  return result.inputs;
}
