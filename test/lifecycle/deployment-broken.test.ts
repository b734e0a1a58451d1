/** Machines that cannot be deployed, where the program says that they are to be put aside (`onFailure: "broken"`). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { deployable } from "../support/deployable.ts";

test("a machine that cannot be deployed is marked broken with the reason, where that is asked for, and the run goes on", async (t) => {
  const { lab, provider, make, id } = await deployable(t, { onFailure: "broken" });
  lab.outcomes.deploy = "deploy-fail";
  const inputs = await make();
  const { outs } = await provider.create(inputs);
  const found = await lab.machine(id);
  assert.deepEqual([found.status_name, found.owner, found.power_state], ["Broken", null, "off"]);
  assert.match(
    found.error_description,
    /became Failed deployment while deploying jammy\. MAAS says: Installation failed/,
  );
  assert.equal(outs["failure"], found.error_description);
  // A run that was cut off before it could say so finds it Broken.
  lab.writes();
  assert.equal((await provider.create(inputs)).outs["failure"], found.error_description);
  assert.deepEqual(lab.writes(), []);
  const seen = (await provider.read(id, outs)).props;
  assert.deepEqual([seen?.["status"], seen?.["failure"]], ["Broken", found.error_description]);
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
  assert.equal((await lab.machine(id)).status_name, "Broken");
});

test("marked as fixed it is not there, so that the next run deploys it", async (t) => {
  const { lab, provider, make, id } = await deployable(t, { onFailure: "broken" });
  lab.outcomes.deploy = "deploy-fail";
  const inputs = await make();
  const { outs } = await provider.create(inputs);
  await lab.admin.machines.markFixed(id);
  assert.equal((await provider.read(id, outs)).props, undefined);
  lab.outcomes.deploy = "deploy-ok";
  const again = (await provider.create(inputs)).outs;
  assert.deepEqual([again["status"], again["failure"]], ["Deployed", ""]);
});

test("somebody else's machine is an error all the same, and is not marked", async (t) => {
  const { lab, provider, make, id } = await deployable(t, { onFailure: "broken" });
  await lab.admin.machines.allocate({ system_id: id });
  const inputs = await make();
  await assert.rejects(() => provider.create(inputs), /not by this stack: it is left alone/);
  assert.equal((await lab.machine(id)).status_name, "Allocated");
});

test("one that can't be switched off stays ours: it is not left half released", async (t) => {
  const { lab, provider, make, id } = await deployable(t, { onFailure: "broken" });
  const boot = lab.boot.bind(lab);
  lab.boot = async (machine, outcome) => {
    await lab.admin.machines.update(id, { power_parameters: { power_address: "192.0.2.99" } });
    await boot(machine, outcome);
  };
  lab.outcomes.deploy = "deploy-fail";
  const inputs = await make();
  await assert.rejects(provider.create(inputs), /Failed deployment.*\n.*\n?.*could not be marked as broken either/s);
  const found = await lab.machine(id);
  assert.deepEqual([found.status_name, found.owner], ["Failed deployment", "admin"]);
  assert.equal((await provider.leftBehind(inputs))?.id, id);
});

test("power that does not obey marks nothing: it may be the rack's fault, and then every machine's", async (t) => {
  const { lab, provider, make, id } = await deployable(t, { onFailure: "broken" });
  await lab.admin.machines.update(id, { power_parameters: { power_address: "192.0.2.98" } });
  const inputs = await make();
  await assert.rejects(provider.create(inputs), /could not be powered on/);
  assert.equal((await lab.machine(id)).status_name, "Allocated");
});
