/** A command that gets a generated secret, with the real CLI: what is shown, what is kept, what runs again. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Engine } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;

const program = (command: string, trigger: string) => `
import { GeneratedSecret } from "./providers/index.ts";
import { LocalCommand } from "./stacks/web/local-command.ts";
const secret = new GeneratedSecret("password");
export const password = secret.value;
export const printed = new LocalCommand("site", {
  create: ${JSON.stringify(command)},
  environment: { PASSWORD: secret.value, PLAIN: "plain" },
  triggers: [${JSON.stringify(trigger)}],
}).stdout;
`;

const counting = 'echo "run of $PLAIN" | tee -a runs; printf %s "$PASSWORD" >seen';
const write = (command: string, trigger: string) => engine.project.edit("index.ts", () => program(command, trigger));
const kept = (name: string) => readFileSync(join(engine.project.root, name), "utf8");
const pulumi = (command: string, ...args: string[]) => engine.pulumi([command, "--yes", "--skip-preview", ...args]);

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1)] });
  await engine.pulumi(["stack", "select", "--create", "dev"]);
});
after(() => engine.close());

test("the stand-in is found without a word, runs the command, streams what it prints, and says that it was it", async () => {
  write(counting, "1");
  const { code, output } = await pulumi("up");
  assert.equal(code, 0, output);
  assert.match(output, /run of plain/);
  assert.match(output, /run by Metalform's stand-in for the plugin/);
  assert.doesNotMatch(output, /warning/i);
});

test("the secret is the command's, and is in clear neither on the screen nor in the state, after a refresh neither", async () => {
  const secret = kept("seen");
  assert.match(secret, /^[\w-]{43}$/);
  const isHidden = async () => {
    const { stdout } = await engine.pulumi(["stack", "export"]);
    assert.ok(!stdout.includes(secret));
    assert.ok(!engine.printed.includes(secret));
  };
  await isHidden();
  const refreshed = await pulumi("refresh");
  assert.equal(refreshed.code, 0, refreshed.output);
  await isHidden();
  const { stdout } = await engine.pulumi(["stack", "output", "password", "--show-secrets"]);
  assert.equal(stdout.trim(), secret);
});

test("without a change nothing runs", async () => {
  const preview = await engine.pulumi(["preview", "--expect-no-changes"]);
  assert.equal(preview.code, 0, preview.output);
  await pulumi("up");
  assert.equal(kept("runs"), "run of plain\n");
});

test("another trigger shows in the preview and runs it again, with the same secret", async () => {
  const before = kept("seen");
  write(counting, "2");
  const { stdout } = await engine.pulumi(["preview", "--diff"]);
  assert.match(stdout, /triggers/);
  assert.equal(kept("runs"), "run of plain\n");
  const { code, output } = await pulumi("up");
  assert.equal(code, 0, output);
  assert.equal(kept("runs"), "run of plain\nrun of plain\n");
  assert.equal(kept("seen"), before);
});

test("one that fails tells all that it printed, and is tried again by the next up", async () => {
  write("echo tried >>tries; echo the reason >&2; exit 4", "3");
  for (const _ of [1, 2]) {
    const { code, output } = await pulumi("up");
    assert.notEqual(code, 0);
    assert.match(output, /exit status 4: running/);
    assert.match(output, /the reason/);
  }
  assert.equal(kept("tries"), "tried\ntried\n");
});

test("everything is forgotten at the end", async () => {
  const { code, output } = await pulumi("destroy");
  assert.equal(code, 0, output);
  assert.deepEqual((await engine.state()).deployment.resources ?? [], []);
});
