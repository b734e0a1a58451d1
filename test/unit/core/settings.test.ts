import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentName, Settings } from "../../../providers/core/settings.ts";

const config = (values: Record<string, string>) => ({ get: (key: string) => values[key] });

test("the environment goes before the config, since it is always current", () => {
  const settings = new Settings(config({ maasUrl: "http://old" }), { METALFORM_MAAS_URL: "http://new" });
  assert.equal(settings.get("maasUrl"), "http://new");
  assert.equal(new Settings(config({ maasUrl: "http://old" }), {}).get("maasUrl"), "http://old");
});

test("an empty text is not set", () => {
  assert.equal(new Settings(config({ maasUrl: "" }), {}).get("maasUrl"), undefined);
});

test("names in the environment follow from names in config", () => {
  assert.equal(environmentName("maasUrl"), "METALFORM_MAAS_URL");
  assert.equal(environmentName("powerPassword_nuc-amt"), "METALFORM_POWER_PASSWORD_NUC_AMT");
});

test("how to set a secret says so", () => {
  const settings = new Settings(config({}), {});
  assert.match(settings.howTo("maasKey", true), /pulumi config set --secret maasKey .* METALFORM_MAAS_KEY/);
});
