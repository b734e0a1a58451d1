import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, hmacSha1, plaintext, type Told } from "../support/lab-request.ts";

describe("OAuth as MAAS checks it", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  after(() => lab.close());

  const whoami = (authorization?: string): Promise<Told> =>
    ask(lab, "GET", "users/?op=whoami", {
      key: null,
      headers: authorization === undefined ? {} : { Authorization: authorization },
    });
  const seconds = (offset: number): string => String(Math.floor(Date.now() / 1000) + offset);

  it("knows both users by their keys", async () => {
    const names = await Promise.all([lab.adminKey, lab.userKey].map(async (key) => whoami(plaintext(key))));
    assert.deepEqual(
      names.map(({ json }) => (json as { username: string }).username),
      ["admin", "bob"],
    );
  });

  it("accepts HMAC-SHA1, and refuses it when the query was changed on the way", async () => {
    const url = `${lab.maasUrl}/api/2.0/users/`;
    const signed = hmacSha1(lab.adminKey, "GET", url, { op: "whoami" });
    assert.equal((await whoami(signed)).status, 200);
    const other = hmacSha1(lab.adminKey, "GET", url, { op: "whoareyou" });
    const told = await whoami(other);
    assert.equal(told.status, 401);
    assert.match(told.text, /^Authorization Error: 'Invalid signature\. Expected signature base string: GET&/);
  });

  it("answers Forbidden with the API's hash where one of the five parts is missing", async () => {
    const header = plaintext(lab.adminKey);
    for (const part of ["consumer_key", "token", "signature_method", "timestamp", "nonce"]) {
      const told = await whoami(header.replace(new RegExp(`oauth_${part}="[^"]*",? ?`), ""));
      assert.deepEqual([told.status, told.text, told.headers["content-type"]], [401, "Forbidden", "text/plain"], part);
      assert.ok(told.headers["x-maas-api-hash"], part);
      assert.equal(told.headers["www-authenticate"], undefined, part);
    }
  });

  it("tells a missing signature apart", async () => {
    const told = await whoami(plaintext(lab.adminKey, { oauth_signature: undefined }));
    assert.deepEqual([told.status, told.text], [401, "Authorization Error: 'Missing signature.'"]);
    assert.equal(told.headers["www-authenticate"], 'OAuth realm="OAuth"');
    assert.equal(told.headers["x-maas-api-hash"], undefined);
  });

  it("does without a version, and refuses a wrong one", async () => {
    assert.equal((await whoami(plaintext(lab.adminKey, { oauth_version: undefined }))).status, 200);
    const told = await whoami(plaintext(lab.adminKey, { oauth_version: "2.0" }));
    assert.equal(told.text, "Authorization Error: 'OAuth version 2.0 not supported.'");
  });

  it("refuses timestamps older than 300 seconds only", async () => {
    assert.equal((await whoami(plaintext(lab.adminKey, { oauth_timestamp: seconds(-290) }))).status, 200);
    assert.equal((await whoami(plaintext(lab.adminKey, { oauth_timestamp: seconds(86_400) }))).status, 200);
    const told = await whoami(plaintext(lab.adminKey, { oauth_timestamp: seconds(-310) }));
    assert.equal(told.status, 401);
    assert.match(told.text, /Expired timestamp: given \d+ and now \d+ has a greater difference than threshold 300/);
  });

  it("ends in a 500 for a timestamp that is no number", async () => {
    const told = await whoami(plaintext(lab.adminKey, { oauth_timestamp: "abc" }));
    assert.deepEqual([told.status, told.text], [500, "invalid literal for int() with base 10: 'abc'"]);
  });

  it("takes a nonce once, also when the signature was wrong; another token may use the same", async () => {
    const nonce = { oauth_nonce: "once" };
    assert.equal((await whoami(plaintext(lab.adminKey, { ...nonce, oauth_signature: "%26no" }))).status, 401);
    const told = await whoami(plaintext(lab.adminKey, nonce));
    assert.deepEqual([told.status, told.text], [401, "Authorization Error: 'Nonce already used: once'"]);
    assert.equal((await whoami(plaintext(lab.userKey, nonce))).status, 200);
  });

  it("says which of consumer, token and secret is wrong, and prints the real secret as MAAS does", async () => {
    const [consumer = "", token = "", secret = ""] = lab.adminKey.split(":");
    const tell = async (key: string): Promise<string> => (await whoami(plaintext(key))).text;
    assert.equal(await tell(`x:${token}:${secret}`), "Authorization Error: Invalid API key.");
    assert.equal(await tell(`${consumer}:x:${secret}`), "Authorization Error: 'Invalid access token: x'");
    assert.equal(
      await tell(`${consumer}:${token}:x`),
      `Authorization Error: 'Invalid signature. Expected signature base string: &${secret}'`,
    );
  });

  it("lets anonymous clients ask for the version, and nobody else's collections", async () => {
    const anonymous = async (path: string): Promise<[number, string]> => {
      const { status, text } = await ask(lab, "GET", path, { key: null });
      return [status, text];
    };
    assert.equal((await anonymous("version/"))[0], 200);
    assert.deepEqual(await anonymous("machines/"), [400, "Unrecognised signature: method=GET op=None"]);
    for (const path of ["subnets/", "users/", "tags/", "events/", "boot-resources/"])
      assert.deepEqual(await anonymous(path), [401, "Forbidden"], path);
  });

  it("forgets a key that its owner deleted", async () => {
    const made = await ask(lab, "POST", "account/?op=create_authorisation_token", { form: { name: "ci" } });
    const { token_key, token_secret, consumer_key } = made.json as Record<string, string>;
    const key = [consumer_key, token_key, token_secret].join(":");
    assert.equal((await whoami(plaintext(key))).status, 200);
    await ask(lab, "POST", "account/?op=delete_authorisation_token", { form: { token_key: token_key ?? "" } });
    assert.equal((await whoami(plaintext(key))).status, 401);
  });
});
