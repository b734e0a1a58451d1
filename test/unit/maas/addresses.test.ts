import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addressProblem,
  canonicalCidr,
  cidrProblem,
  edgeOf,
  outsideProblem,
  overlap,
  spanOf,
  subnetSpan,
  within,
} from "../../../providers/maas/addresses.ts";

const span = (text: string) => {
  const found = subnetSpan(text) ?? spanOf(text);
  assert.ok(found, text);
  return found;
};

test("a subnet has a network address, a slash and a prefix, of either family", () => {
  for (const fine of ["172.16.0.0/20", "10.0.0.0/8", "10.0.0.4/30", "10.0.0.1/32", "2001:db8::/64", "::1/128"]) {
    assert.equal(cidrProblem(fine), undefined, fine);
  }
  for (const wrong of [
    "",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0/8",
    "0.0.0.0/0",
  ]) {
    assert.match(cidrProblem(wrong) ?? "", /is not a subnet/, wrong);
  }
  assert.match(cidrProblem("2001:db8::/129") ?? "", /is not a subnet/);
  assert.match(cidrProblem("fe80::%eth0/64") ?? "", /is not a subnet/);
});

test("an address with a prefix is told from a subnet, and the subnet is written out", () => {
  assert.match(cidrProblem("172.16.5.7/20") ?? "", /write "172\.16\.0\.0\/20"/);
  assert.match(cidrProblem("2001:db8:0:0:1::/64") ?? "", /write "2001:db8::\/64"/);
});

test("what an address library would take for an address is none", () => {
  for (const odd of ["10.1", "0x7f.1", "010.0.0.1", "1", "fe80::1%eth0"]) assert.equal(spanOf(odd), undefined, odd);
  assert.match(addressProblem("10.1") ?? "", /is not an IP address/);
});

test("spans of the same family overlap and lie in each other, those of two never", () => {
  assert.ok(overlap(span("10.0.0.0/8"), span("10.255.255.255")));
  assert.ok(!overlap(span("10.0.0.0/9"), span("10.128.0.0/9")));
  assert.ok(within(span("10.0.0.0/24"), span("10.0.0.0/24")));
  assert.ok(!within(span("10.0.0.0/23"), span("10.0.0.0/24")));
  assert.ok(!overlap(span("0.0.0.1"), span("::1")));
  assert.equal(spanOf("10.0.0.1", "::1"), undefined);
});

test("the edges of a subnet are no host's, but for the smallest", () => {
  assert.match(outsideProblem("172.16.15.255", "172.16.0.0/20") ?? "", /broadcast address/);
  assert.match(outsideProblem("172.16.0.0", "172.16.0.0/20") ?? "", /network address/);
  assert.match(outsideProblem("172.16.16.0", "172.16.0.0/20") ?? "", /is outside/);
  assert.equal(outsideProblem("172.16.15.254", "172.16.0.0/20"), undefined);
  assert.equal(outsideProblem("10.0.0.0", "10.0.0.0/31"), undefined);
  assert.equal(edgeOf(span("2001:db8::ffff"), span("2001:db8::/112")), undefined);
  assert.equal(edgeOf(span("2001:db8::"), span("2001:db8::/112")), "network");
});

test("IPv6 is written as MAAS writes it", () => {
  assert.equal(canonicalCidr("2001:DB8:0000::/64"), "2001:db8::/64");
  assert.equal(canonicalCidr(" 10.0.0.0/8"), "10.0.0.0/8");
  assert.equal(canonicalCidr("nonsense"), "nonsense");
});
