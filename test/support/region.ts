/** The lab's MAAS without HTTP, and in auto mode with time that passes when the test says so. */
import assert from "node:assert/strict";
import { advance } from "../../lab/automation.ts";
import { boot } from "../../lab/maas/boot.ts";
import { fieldsOf } from "../../lab/maas/fields.ts";
import { ApiError, type Operation, type Reply } from "../../lab/maas/operation.ts";
import { operations } from "../../lab/maas/operations.ts";
import { findOperation, Routes } from "../../lab/maas/routes.ts";
import { seedState } from "../../lab/maas/seed.ts";
import type { LabState } from "../../lab/maas/state.ts";

type Values = Record<string, string | string[]>;

/** The keys of a machine's answer that the tests look at. */
export interface MachineAnswer {
  system_id: string;
  status: number;
  status_name: string;
  status_message: string | null;
  owner: string | null;
  osystem: string;
  power_state: string;
  error_description: string;
  ip_addresses: string[];
  interface_set: { id: number; name: string; links: { id: number; mode: string; ip_address?: string }[] }[];
  workload_annotations: Record<string, string>;
  commissioning_status: number;
  testing_status: number;
}

export class Region {
  readonly state: LabState = seedState();
  readonly #routes = new Routes(operations);
  #clock = 0;
  #enlisted = 0;

  constructor({ selfRunning = false } = {}) {
    this.state.selfRunning = selfRunning;
  }

  /** @param path Below /MAAS/api/2.0/, e.g. "machines/". */
  async ask(
    method: Operation["method"],
    path: string,
    op?: string,
    values: Values = {},
    user = "admin",
  ): Promise<Reply> {
    const match = this.#routes.match(path);
    const operation = match && findOperation(match.resource, method, op);
    assert.ok(operation, `${method} ${path} ${op ?? ""}`);
    const fields = fieldsOf(
      Object.entries(values).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
    );
    const none = fieldsOf([]);
    const isRead = method === "GET" || method === "DELETE";
    const caller = Object.values(this.state.users).find(({ username }) => username === user) ?? null;
    try {
      return await operation.handle({
        user: caller,
        params: match.params,
        query: isRead ? fields : none,
        form: isRead ? none : fields,
        isJson: false,
        state: this.state,
      });
    } catch (error) {
      if (error instanceof ApiError) return error.reply;
      throw error;
    }
  }

  /** An operation of one machine. */
  op(systemId: string, op: string, values: Values = {}, user = "admin"): Promise<Reply> {
    return this.ask("POST", `machines/${systemId}/`, op, values, user);
  }

  /** The same, where anything but 200 is a fault of the test. */
  async does(systemId: string, op: string, values: Values = {}, user = "admin"): Promise<MachineAnswer> {
    const reply = await this.op(systemId, op, values, user);
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return reply.body as MachineAnswer;
  }

  /** A machine in New; its MAC and AMT addresses count up. */
  async enlist(hostname: string, values: Values = {}): Promise<string> {
    this.#enlisted += 1;
    const n = this.#enlisted;
    const reply = await this.ask("POST", "machines/", undefined, {
      hostname,
      architecture: "amd64/generic",
      mac_addresses: `52:54:00:00:${hex(n >> 8)}:${hex(n & 255)}`,
      commission: "false",
      power_type: "amt",
      power_parameters_power_address: `10.9.${String(n >> 8)}.${String(n & 255)}`,
      power_parameters_power_pass: "not-a-secret",
      ...values,
    });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    return (reply.body as MachineAnswer).system_id;
  }

  /** The subnet 172.16.0.0/20 of the seed gets a gateway. */
  async setGateway(): Promise<void> {
    const reply = await this.ask("PUT", "subnets/1/", undefined, { gateway_ip: "172.16.0.1" });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
  }

  /** Explicit mode: a machine in Ready, with an address that commissioning saw. */
  async ready(hostname: string, values: Values = {}): Promise<string> {
    const id = await this.enlist(hostname, values);
    await this.does(id, "commission");
    this.boot(id, "commission-ok", `172.16.1.${String(100 + this.#enlisted)}`);
    return id;
  }

  /** Explicit mode: what the machine's boot tells MAAS. */
  boot(machine: string, outcome: string, ip?: string): void {
    boot(this.state, { machine, outcome, ...(ip === undefined ? {} : { ip }) });
  }

  async machine(systemId: string): Promise<MachineAnswer> {
    return (await this.ask("GET", `machines/${systemId}/`)).body as MachineAnswer;
  }

  /** The types of its events, the oldest first. */
  eventsOf(systemId: string): string[] {
    return (this.state.machines[systemId]?.eventIds ?? []).flatMap((id) => this.state.events[id]?.type ?? []);
  }

  /** Auto mode: time passes, in seconds of the lab's clock. */
  pass(seconds: number): void {
    this.#clock += seconds * 1000;
    advance(this.state, this.#clock);
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
