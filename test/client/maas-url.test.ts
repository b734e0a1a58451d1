import assert from "node:assert/strict";
import { test } from "node:test";
import { parseApiKey, parseMaasUrl } from "../../providers/maas/maas-url.ts";

for (const [text, url] of [
  ["http://172.16.0.3:5240/MAAS", "http://172.16.0.3:5240/MAAS"],
  ["http://172.16.0.3:5240/MAAS/", "http://172.16.0.3:5240/MAAS"],
  ["  http://172.16.0.3:5240/MAAS\n", "http://172.16.0.3:5240/MAAS"],
  ["http://172.16.0.3:5240", "http://172.16.0.3:5240/MAAS"],
  ["https://maas.example:5443/MAAS/api/2.0/", "https://maas.example:5443/MAAS"],
  ["http://maas.example:5240/MAAS/r/machines", "http://maas.example:5240/MAAS"],
  ["https://example.org/rack/MAAS/#/machines", "https://example.org/rack/MAAS"],
  ["http://[fd00::3]:5240/MAAS", "http://[fd00::3]:5240/MAAS"],
] as const) {
  test(`"${text.trim()}" is the MAAS at ${url}`, () => {
    assert.equal(parseMaasUrl(text), url);
  });
}

for (const text of [
  "172.16.0.3:5240/MAAS",
  "maas",
  "",
  "ftp://172.16.0.3/MAAS",
  "http://172.16.0.3:5240/maas",
  "http://u:p@h/MAAS",
]) {
  test(`"${text}" is no URL of a MAAS, and the message shows what one looks like`, () => {
    assert.throws(() => parseMaasUrl(text), { code: "bad-input", message: /http:\/\/HOST:5240\/MAAS/ });
  });
}

test("an API key has three parts", () => {
  assert.deepEqual(parseApiKey(" a:b:c\n"), { consumer: "a", token: "b", secret: "c" });
});

for (const [text, seen] of [
  ["", "it is empty"],
  ["abc", "it has 1 parts"],
  ["a:b", "it has 2 parts"],
  ["a::c", "it has 3 parts"],
  ["a:b:c:d", "it has 4 parts"],
] as const) {
  test(`"${text}" is no API key: ${seen}`, () => {
    assert.throws(() => parseApiKey(text), {
      code: "bad-key",
      message: new RegExp(`three parts.*; ${seen}\\. Copy it whole`),
    });
  });
}
