import assert from "node:assert/strict";
import { after, beforeEach, before, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Told } from "../support/lab-request.ts";

describe("pools and zones", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  beforeEach(() => fetch(`${lab.controlUrl}/reset`, { method: "POST" }));
  after(() => lab.close());

  const post = (path: string, form: Record<string, string | string[]>, key = lab.adminKey): Promise<Told> =>
    ask(lab, "POST", path, { form, key });
  const refusal = ({ status, json, text }: Told): [number, unknown] => [status, json ?? text];
  const enlist = async (more: Record<string, string>): Promise<string> => {
    const told = await post("machines/", {
      architecture: "amd64/generic",
      mac_addresses: "52:54:00:00:06:01",
      hostname: "pz1",
      commission: "false",
      power_type: "manual",
      ...more,
    });
    assert.equal(told.status, 200, told.text);
    return (told.json as { system_id: string }).system_id;
  };
  const zoneOf = async (systemId: string): Promise<string> =>
    ((await ask(lab, "GET", `machines/${systemId}/`)).json as { zone: { name: string } }).zone.name;

  it("finds a pool by id and by name, in the singular", async () => {
    const { id } = (await post("resourcepools/", { name: "lab", description: "d" })).json as { id: number };
    for (const key of [String(id), "lab"])
      assert.deepEqual((await ask(lab, "GET", `resourcepool/${key}/`)).json, {
        name: "lab",
        description: "d",
        id,
        resource_uri: `/MAAS/api/2.0/resourcepool/${String(id)}/`,
      });
    assert.deepEqual(refusal(await ask(lab, "GET", "resourcepool/nope/")), [
      404,
      "No ResourcePool matches the given query.",
    ]);
  });

  it("refuses a pool's name that is taken, missing or strange", async () => {
    await post("resourcepools/", { name: "lab" });
    const messages = async (form: Record<string, string>) => refusal(await post("resourcepools/", form));
    assert.deepEqual(await messages({ name: "lab" }), [
      400,
      { name: ["Resource pool with this Name already exists."] },
    ]);
    assert.deepEqual(await messages({}), [400, { name: ["This field is required."] }]);
    assert.deepEqual(await messages({ name: "a/b" }), [400, { name: ["Enter a valid value."] }]);
  });

  it("keeps the default pool and one that has machines", async () => {
    await post("resourcepools/", { name: "lab" });
    await enlist({ pool: "lab" });
    assert.deepEqual(refusal(await ask(lab, "DELETE", "resourcepool/0/")), [
      400,
      "This is the default pool, it cannot be deleted.",
    ]);
    assert.deepEqual(refusal(await ask(lab, "DELETE", "resourcepool/lab/")), [
      400,
      "Pool has machines in it, it cannot be deleted.",
    ]);
  });

  it("says differently to users that pools and zones are not theirs", async () => {
    assert.deepEqual(refusal(await post("resourcepools/", { name: "u" }, lab.userKey)), [403, ""]);
    assert.deepEqual(refusal(await post("zones/", { name: "u" }, lab.userKey)), [
      403,
      "This method is reserved for admin users.",
    ]);
  });

  it("lets a zone have blanks in its name", async () => {
    const { json } = await post("zones/", { name: "rack 1" });
    assert.equal((json as { resource_uri: string }).resource_uri, "/MAAS/api/2.0/zones/rack%201/");
    assert.equal((await ask(lab, "GET", "zones/rack%201/")).status, 200);
  });

  it("moves the machines of a deleted zone to the default one, whatever that is called now", async () => {
    await post("zones/", { name: "z1" });
    const systemId = await enlist({ zone: "z1" });
    assert.equal(await zoneOf(systemId), "z1");
    assert.equal((await ask(lab, "PUT", "zones/default/", { form: { name: "first" } })).status, 200);
    assert.equal((await ask(lab, "DELETE", "zones/z1/")).status, 204);
    assert.equal(await zoneOf(systemId), "first");
    assert.deepEqual(refusal(await ask(lab, "DELETE", "zones/first/")), [
      400,
      "This zone is the default zone, it cannot be deleted.",
    ]);
    assert.equal((await ask(lab, "DELETE", "zones/z1/")).status, 204);
  });

  it("moves several machines at once, or none", async () => {
    await post("zones/", { name: "z1" });
    const systemId = await enlist({});
    const wrong = await post("machines/?op=set_zone", { zone: "z1", nodes: [systemId, "zzzzzz"] });
    assert.deepEqual(refusal(wrong), [400, { system_id: ["Some of the given system ids are invalid system ids."] }]);
    assert.equal(await zoneOf(systemId), "default");
    assert.equal((await post("machines/?op=set_zone", { zone: "z1", nodes: systemId })).status, 200);
    assert.equal(await zoneOf(systemId), "z1");
  });
});
