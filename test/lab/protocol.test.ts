import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Asked } from "../support/lab-request.ts";

describe("the lab's HTTP", () => {
  let lab: Lab;
  const warnings: string[] = [];
  before(async () => {
    lab = await startLab({ mode: "explicit", warn: (line) => warnings.push(line) });
  });
  after(() => lab.close());

  const tell = async (method: string, path: string, asked?: Asked): Promise<[number, string]> => {
    const { status, text } = await ask(lab, method, path, asked);
    return [status, text];
  };

  it("answers 404 with the path where the slash is missing, never a redirect", async () => {
    assert.deepEqual(await tell("GET", "machines"), [404, "Unknown API endpoint: /MAAS/api/2.0/machines."]);
    assert.deepEqual(await tell("GET", "nosuch/"), [404, "Unknown API endpoint: /MAAS/api/2.0/nosuch/."]);
  });

  it("takes scripts without a slash", async () => {
    assert.equal((await tell("GET", "scripts/smartctl-validate"))[0], 200);
    assert.equal((await tell("GET", "scripts/smartctl-validate/"))[0], 404);
  });

  it("ignores an empty segment", async () => {
    assert.deepEqual(await tell("GET", "tags//"), [200, "[]"]);
  });

  it("finds an operation in query, form and path, the query first", async () => {
    assert.equal((await tell("GET", "users/?op=whoami"))[0], 200);
    assert.equal((await tell("GET", "users/op-whoami"))[0], 200);
    const inForm = await tell("POST", "maas/", { form: { op: "set_config", name: "maas_name", value: "x" } });
    assert.deepEqual(inForm, [200, "OK"]);
    const both = await tell("POST", "maas/?op=nope", { form: { op: "set_config", name: "maas_name", value: "x" } });
    assert.deepEqual(both, [400, "Unrecognised signature: method=POST op=nope"]);
  });

  it("refuses an unknown operation in 400, and as a path in 404", async () => {
    assert.deepEqual(await tell("GET", "users/?op=nope"), [400, "Unrecognised signature: method=GET op=nope"]);
    assert.equal((await tell("GET", "users/op-nope"))[0], 404);
  });

  it("answers 405 with Allow to methods that no operation of the resource uses", async () => {
    for (const method of ["DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"]) {
      const told = await ask(lab, method, "tags/");
      assert.deepEqual([told.status, told.headers["allow"], told.text], [405, "GET, POST", ""], method);
      assert.equal(told.headers["content-type"], "text/html; charset=utf-8", method);
    }
  });

  it("tells the signature's failure before the method's", async () => {
    assert.equal((await tell("DELETE", "tags/", { key: null }))[0], 401);
  });

  it("names aloud what MAAS has and the lab has not", async () => {
    const [status, text] = await tell("POST", "machines/?op=add_chassis", { form: {} });
    assert.deepEqual([status, text], [501, "Not simulated by the lab: POST machines/ op=add_chassis"]);
    assert.ok(warnings.includes("Not simulated: POST machines/ op=add_chassis"));
  });

  it("reads multipart bodies, file parts as text", async () => {
    const boundary = "limit";
    const part = (head: string, value: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
    const body = `${part('name="name"', "mp")}${part('name="comment"; filename="c"', "from a file")}--${boundary}--\r\n`;
    const told = await ask(lab, "POST", "tags/", {
      body,
      headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
    });
    assert.deepEqual([told.status, (told.json as { comment: string }).comment], [200, "from a file"]);
  });

  it("reads JSON bodies half", async () => {
    const json = (body: string): Asked => ({ body, headers: { "Content-Type": "application/json" } });
    assert.equal((await tell("POST", "tags/", json('{"name":"js"}')))[0], 200);
    assert.equal((await tell("PUT", "tags/js/", json('{"comment":"c"}')))[0], 200);
    assert.deepEqual(await tell("PUT", "tags/js/", json("{bad")), [400, "Bad Request"]);
  });

  it("answers {} to a content type that MAAS does not read", async () => {
    const told = await ask(lab, "POST", "tags/", { body: "name=xx", headers: { "Content-Type": "text/plain" } });
    assert.deepEqual([told.status, told.text], [400, "{}"]);
  });

  it("sends its hash with answers and with Django's own 404s, and a type with a 204", async () => {
    await ask(lab, "POST", "tags/", { form: { name: "gone" } });
    const deleted = await ask(lab, "DELETE", "tags/gone/");
    assert.deepEqual([deleted.status, deleted.text, deleted.headers["content-type"]], [204, "", "text/plain"]);
    const again = await ask(lab, "DELETE", "tags/gone/");
    assert.deepEqual([again.status, again.text], [404, "No Tag matches the given query."]);
    for (const told of [deleted, again]) assert.ok(told.headers["x-maas-api-hash"]);
  });

  it("says which API is gone", async () => {
    assert.deepEqual(await tell("GET", "/MAAS/api/version/"), [200, "2.0"]);
    assert.equal((await tell("GET", "/MAAS/api/1.0/nodes/"))[0], 410);
  });

  it("counts requests by operation, until it is reset", async () => {
    await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
    await ask(lab, "GET", "tags/");
    await ask(lab, "GET", "tags/");
    await ask(lab, "GET", "users/?op=whoami");
    const report = await (await fetch(`${lab.controlUrl}/requests`)).json();
    assert.deepEqual(report, { total: 3, byOperation: { "GET tags/": 2, "GET users/ whoami": 1 } });
  });

  it("keeps the API keys over a reset", async () => {
    await ask(lab, "POST", "tags/", { form: { name: "before" } });
    await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
    assert.deepEqual(await tell("GET", "tags/"), [200, "[]"]);
  });
});
