import assert from "node:assert/strict";
import { test } from "node:test";
import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { layers } from "../../tools/lint/layers.ts";

/** What the layers say of a file with this one line in it. */
function refusals(filename: string, line: string): string[] {
  const plugin = {
    files: ["**/*.ts"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    languageOptions: { parser: tseslint.parser },
  };
  const messages = new Linter().verify(line, [plugin, ...layers] as Linter.Config[], filename);
  return messages.map(({ message }) => message);
}

const refused = [
  ["index.ts", 'import { Machine } from "./providers/index.ts";'],
  ["stacks/rack.ts", 'import { machine } from "../providers/maas/machine.ts";'],
  ["stacks/rack.ts", 'import { startLab } from "../lab/lab.ts";'],
  ["providers/runtime.ts", 'import { Rack } from "../stacks/rack.ts";'],
  ["providers/core/wait.ts", 'import { machine } from "../maas/machine.ts";'],
  ["providers/core/wait.ts", 'import { provider } from "../runtime.ts";'],
  ["providers/maas/client.ts", 'import * as pulumi from "@pulumi/pulumi";'],
  ["providers/maas/client.ts", 'import { machine } from "./machine.ts";'],
  ["providers/maas/client.ts", 'import axios from "axios";'],
  ["providers/maas/watcher.ts", 'import { machine } from "./machine.ts";'],
  ["providers/maas/api/machines.ts", 'import type { Output } from "@pulumi/pulumi";'],
  ["providers/maas/api/machines.ts", 'import { machine } from "../machine.ts";'],
  ["providers/maas/machine.ts", 'import axios from "axios";'],
  ["providers/maas/machine.ts", 'import { execFile } from "node:child_process";'],
  ["providers/maas/machine.ts", 'import { startLab } from "../../lab/lab.ts";'],
  ["providers/maas/machine.ts", 'const lab = await import("../../lab/lab.ts");'],
  ["providers/maas/machine.ts", 'import { fakeClock } from "../../test/support/fake-clock.ts";'],
  ["lab/maas/machines.ts", 'import { machinesApi } from "../../providers/maas/api/machines.ts";'],
  ["lab/maas/machines.ts", 'import type { Status } from "../../providers/maas/node-status.ts";'],
  ["lab/maas/machines.ts", 'import * as pulumi from "@pulumi/pulumi";'],
] as const;

for (const [file, line] of refused) {
  test(`refused in ${file}: ${line}`, () => {
    assert.equal(refusals(file, line).length, 1);
  });
}

const allowed = [
  ["index.ts", 'import { Rack } from "./stacks/rack.ts";'],
  ["stacks/rack.ts", 'import { Machine } from "../providers/index.ts";'],
  ["providers/runtime.ts", 'const machine = await import("./maas/machine.ts");'],
  ["providers/maas/client.ts", 'import { machinesApi } from "./api/machines.ts";'],
  ["providers/maas/transport.ts", 'import axios from "axios";'],
  ["providers/maas/api/machines.ts", 'import { formOf } from "../params.ts";'],
  ["providers/maas/machine.ts", 'import * as pulumi from "@pulumi/pulumi";'],
  ["providers/maas/machine.ts", 'import { createMaasClient } from "./client.ts";'],
  ["lab/maas/machines.ts", 'import type { Machine } from "../../providers/maas/api/machines.ts";'],
  ["tools/up.ts", 'import { execFile } from "node:child_process";'],
] as const;

for (const [file, line] of allowed) {
  test(`allowed in ${file}: ${line}`, () => {
    assert.deepEqual(refusals(file, line), []);
  });
}
