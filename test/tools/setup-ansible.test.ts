/** Ansible comes with its collections and the site's wheels where there is a Python for it; where not, nothing is said. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SetupSandbox } from "../support/setup-sandbox.ts";

const pulumi = /"@pulumi\/pulumi": "([\d.]+)"/.exec(readFileSync("package.json", "utf8"))?.[1] ?? "";

/** Fits from 3.11 on; makes an environment whose scripts name their interpreter by its path and note their calls. */
const python = (minor: number, calls: string) => `
if [ "$1" = -c ]; then
  [ ${String(minor)} -ge 11 ] && echo "/usr (3, ${String(minor)}, 2)"
  exit
fi
mkdir -p "$3/bin"
for name in ansible ansible-playbook pip python; do
  {
    echo "#!/bin/sh"
    echo "# of $3/bin/python"
    echo "echo $name \\"\\$@\\" >>'${calls}'"
    [ $name != pip ] || echo 'while [ $# -gt 0 ]; do [ "$1" != --dest ] || { mkdir -p "$2" && : >"$2/some.whl"; }; shift; done'
  } >"$3/bin/$name"
  chmod +x "$3/bin/$name"
done`;

function sandbox(minor: number): { setup: SetupSandbox; calls: () => string } {
  const setup = new SetupSandbox();
  setup.installNode();
  setup.install("pulumi", `echo v${pulumi}`);
  setup.install("pulumi-language-nodejs", "");
  const noted = join(setup.root, "environment.calls");
  setup.install("python3", python(minor, noted));
  return { setup, calls: () => readFileSync(noted, "utf8") };
}

const ask = ["sh", "-c", 'command -v ansible; echo "$ANSIBLE_CONFIG $ANSIBLE_COLLECTIONS_PATH $METALFORM_WHEELS"'];

test("it is brought once, by pinned hashes, and its commands go on PATH without their Python", async () => {
  const { setup, calls } = sandbox(11);
  using _ = setup;
  const first = await setup.run(ask);
  assert.equal(first.code, 0, first.stderr);
  const [ansible = "", variables = ""] = first.stdout.trim().split("\n");
  assert.match(ansible, /\/ansible-\w{12}-\w{12}\/commands\/ansible$/);
  assert.deepEqual(readdirSync(join(ansible, "..")), ["ansible", "ansible-playbook"]);
  const [config, collections, wheels = ""] = variables.split(" ");
  assert.equal(config, join(setup.root, "clone/ansible/ansible.cfg"));
  assert.equal(collections, join(ansible, "../../collections"));
  assert.deepEqual(readdirSync(wheels), ["some.whl"]);
  for (const call of calls()
    .split("\n")
    .filter((line) => line.startsWith("pip")))
    assert.match(call, /--require-hashes/);

  const before = calls();
  setup.clone("second");
  assert.equal((await setup.run(ask, "second")).stderr, "");
  assert.equal(calls(), before);
});

test("its scripts name the interpreter where it is, not where it was made", async () => {
  const { setup } = sandbox(12);
  using _ = setup;
  const { stdout } = await setup.run(ask);
  const script = readFileSync(stdout.split("\n")[0] ?? "", "utf8");
  assert.match(script, /# of .*\/metalform\/ansible-\w{12}-\w{12}\/bin\/python/);
});

test("a Python that is too old is left alone, silently: a stack without a site does not need Ansible", async () => {
  const { setup } = sandbox(10);
  using _ = setup;
  assert.deepEqual(await setup.run(ask), { code: 0, stdout: "  \n", stderr: "" });
});
