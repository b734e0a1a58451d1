import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ownershipMark } from "../../../providers/core/ownership.ts";
import { providerText } from "../../../providers/core/provider-text.ts";

// Both texts sit in states and on machines out there: changing them would break every stack ever made.

test("the provider text is for ever the same, and the file it names is there", () => {
  assert.equal(
    providerText("maas:Machine"),
    'exports.handler=()=>require("./providers/runtime.ts").provider("maas:Machine")',
  );
  assert.ok(existsSync(join(import.meta.dirname, "../../../providers/runtime.ts")));
});

test("the ownership mark is for ever the same for one stack and resource", () => {
  const urn = "urn:pulumi:dev::metalform::metalform:rack:Rack$pulumi-nodejs:dynamic/maas:Deployment::server1";
  assert.equal(ownershipMark("0123456789ab", urn), "metalform:0123456789ab:e7c82865eaa3eac2");
});
