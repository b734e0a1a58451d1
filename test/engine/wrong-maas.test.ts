/** Something answers, but not as a MAAS that can be used: one clear line on the screen, and no machine is made. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Engine } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";
import { scriptedMaas } from "../support/scripted-maas.ts";
import type { ScriptOptions, Step } from "../support/scripted-maas.ts";

let engine: Engine;

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1)], deploy: false });
  await engine.pulumi(["stack", "select", "--create", "dev"]);
});
after(() => engine.close());

const catalogue: { wrong: string; script: Step[]; options?: ScriptOptions; told: RegExp }[] = [
  {
    wrong: "a MAAS that is too old",
    script: [],
    options: { version: "3.4.9" },
    told: /MAAS .*3\.4\.9.*3\.5/,
  },
  {
    wrong: "http where the MAAS has https",
    script: [
      {
        expect: "GET version/",
        answer: { status: 301, headers: { Location: "https://127.0.0.1:5443/MAAS/api/2.0/version/" } },
      },
    ],
    options: { version: null },
    told: /set the MAAS URL to https:\/\/127\.0\.0\.1:5443\/MAAS/,
  },
  {
    wrong: "a clock that is wrong",
    script: [
      {
        expect: "GET users/ whoami",
        answer: {
          status: 401,
          html: "Authorization Error: 'Expired timestamp: given 1795295130 and now 1795295530 has a greater difference than threshold 300'",
        },
      },
    ],
    told: /clock/,
  },
];

for (const { wrong, script, options = {}, told } of catalogue) {
  test(wrong, async (t) => {
    const maas = await scriptedMaas(t, script, options);
    const { code, output } = await engine.pulumi(["up", "--yes", "--skip-preview"], {
      environment: { METALFORM_MAAS_URL: maas.url },
    });
    assert.notEqual(code, 0);
    // Once in its row, once in the list at the end: each time one line.
    const lines = output.split("\n").filter((line) => told.test(line));
    assert.ok(lines.length >= 1, output);
    assert.doesNotMatch(output, /\n\s+at /);
    assert.deepEqual(engine.leaks(), []);
  });
}
