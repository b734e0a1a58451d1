import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Told } from "../support/lab-request.ts";

describe("networks", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  beforeEach(() => fetch(`${lab.controlUrl}/reset`, { method: "POST" }));
  after(() => lab.close());

  const post = async (path: string, form: Record<string, string>): Promise<Told> => ask(lab, "POST", path, { form });
  const put = async (path: string, form: Record<string, string>): Promise<Told> => ask(lab, "PUT", path, { form });
  const idOf = (told: Told): number => {
    assert.equal(told.status, 200, told.text);
    return (told.json as { id: number }).id;
  };
  const answer = ({ status, json, text }: Told): [number, unknown] => [status, json ?? text];
  const rackId = async (): Promise<string> =>
    ((await ask(lab, "GET", "rackcontrollers/")).json as { system_id: string }[])[0]?.system_id ?? "";

  it("refuses to delete a subnet whose dynamic range is served, then deletes it in the right order", async () => {
    const range = idOf(await post("ipranges/", { type: "dynamic", start_ip: "172.16.1.1", end_ip: "172.16.1.254" }));
    assert.equal((await put("vlans/1/", { dhcp_on: "true", primary_rack: await rackId() })).status, 200);
    assert.deepEqual(answer(await ask(lab, "DELETE", "subnets/1/")), [
      400,
      "Cannot delete a subnet that is actively servicing a dynamic IP range. (Delete the dynamic range or disable DHCP first.)",
    ]);
    assert.equal((await put("vlans/1/", { dhcp_on: "false" })).status, 200);
    assert.equal((await ask(lab, "DELETE", `ipranges/${String(range)}/`)).status, 204);
    assert.equal((await ask(lab, "DELETE", "subnets/1/")).status, 204);
  });

  it("keeps names such as fabric-7 to itself, and lets a fabric go back to its own", async () => {
    for (const [kind, id] of [
      ["fabric", 0],
      ["space", idOf(await post("spaces/", {}))],
    ] as const) {
      const path = `${kind}s/${String(id)}/`;
      const own = ((await ask(lab, "GET", path)).json as { name: string }).name;
      assert.equal(own, `${kind}-${String(id)}`);
      assert.equal((await put(path, { name: "rack" })).status, 200);
      assert.deepEqual(answer(await put(path, { name: `${kind}-7` })), [400, { name: [`Reserved ${kind} name.`] }]);
      assert.equal((await put(path, { name: own })).status, 200);
    }
  });

  it("takes the notice about DHCP away while some VLAN serves it", async () => {
    const notices = async (): Promise<number> => ((await ask(lab, "GET", "notifications/")).json as unknown[]).length;
    assert.equal(await notices(), 1);
    await post("ipranges/", { type: "dynamic", start_ip: "172.16.1.1", end_ip: "172.16.1.254" });
    await put("vlans/1/", { dhcp_on: "true", primary_rack: await rackId() });
    assert.equal(await notices(), 0);
    await put("vlans/1/", { dhcp_on: "false" });
    assert.equal(await notices(), 1);
  });

  it("gives a new fabric an untagged VLAN, and names it after its id when it has no name", async () => {
    const { id, name, vlans } = (await post("fabrics/", {})).json as {
      id: number;
      name: string;
      vlans: { vid: number; name: string }[];
    };
    assert.equal(name, `fabric-${String(id)}`);
    assert.deepEqual(
      vlans.map(({ vid, name: vlanName }) => [vid, vlanName]),
      [[0, "untagged"]],
    );
    assert.deepEqual(answer(await post("fabrics/", { name: "fabric-77" })), [400, { name: ["Reserved fabric name."] }]);
    assert.equal((await put(`fabrics/${String(id)}/`, { name: "" })).status, 200);
  });

  it("keeps a fabric that has subnets, and frees it with them", async () => {
    const fabric = idOf(await post("fabrics/", { name: "f" }));
    const subnet = idOf(await post("subnets/", { cidr: "10.55.0.0/24", fabric: String(fabric) }));
    assert.deepEqual(answer(await ask(lab, "DELETE", `fabrics/${String(fabric)}/`)), [
      400,
      "Can't delete fabric; the following subnets are still present: 10.55.0.0/24",
    ]);
    assert.equal((await ask(lab, "DELETE", `subnets/${String(subnet)}/`)).status, 204);
    assert.equal((await ask(lab, "DELETE", `fabrics/${String(fabric)}/`)).status, 204);
  });

  it("moves the subnets of a deleted VLAN to the default one", async () => {
    const vlan = idOf(await post("fabrics/0/vlans/", { vid: "55" }));
    const subnet = idOf(await post("subnets/", { cidr: "10.55.0.0/24", vlan: String(vlan) }));
    assert.equal((await ask(lab, "DELETE", `vlans/${String(vlan)}/`)).status, 204);
    const moved = (await ask(lab, "GET", `subnets/${String(subnet)}/`)).json as { vlan: { id: number } };
    assert.equal(moved.vlan.id, 1);
  });

  it("shows a space on its VLANs and their subnets, and forgets it with the space", async () => {
    const space = idOf(await post("spaces/", { name: "dmz" }));
    const spaceOf = async (path: string): Promise<string> =>
      ((await ask(lab, "GET", path)).json as { space: string }).space;
    await put("vlans/1/", { space: "dmz" });
    assert.deepEqual([await spaceOf("vlans/1/"), await spaceOf("subnets/1/")], ["dmz", "dmz"]);
    assert.equal((await ask(lab, "DELETE", `spaces/${String(space)}/`)).status, 204);
    assert.equal(await spaceOf("subnets/1/"), "undefined");
  });

  it("routes between subnets through a gateway of the first", async () => {
    await post("subnets/", { cidr: "10.55.0.0/24" });
    const form = { source: "172.16.0.0/20", destination: "10.55.0.0/24", gateway_ip: "172.16.0.9" };
    assert.equal((await post("static-routes/", form)).status, 200);
    assert.deepEqual(answer(await post("static-routes/", { ...form, gateway_ip: "10.55.0.9" })), [
      400,
      {
        gateway_ip: ["Enter an IP address in 172.16.0.0/20."],
        __all__: ["gateway_ip must be with in the source subnet."],
      },
    ]);
  });

  it("answers for the controller under nodes/", async () => {
    const rack = await rackId();
    const nics = (await ask(lab, "GET", `nodes/${rack}/interfaces/`)).json as { id: number; name: string }[];
    assert.deepEqual(
      nics.map(({ name }) => name),
      ["enp2s0"],
    );
    assert.equal((await ask(lab, "GET", `nodes/${rack}/interfaces/99999/`)).status, 404);
    assert.deepEqual(answer(await ask(lab, "GET", `nodes/${rack}/results/`)), [200, []]);
    assert.equal((await ask(lab, "GET", `nodes/${rack}/`, { key: lab.userKey })).status, 403);
  });
});
