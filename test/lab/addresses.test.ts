import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextFreeAddress } from "../../lab/maas/address-ranges.ts";
import { formatIp, formatNetwork, parseIp, parseNetwork } from "../../lab/maas/ip-address.ts";
import { addIp } from "../../lab/maas/ipam.ts";
import { allocType } from "../../lab/maas/network-state.ts";
import { seedState } from "../../lab/maas/seed.ts";
import { isXPath } from "../../lab/maas/xpath.ts";

describe("addresses", () => {
  const same = [
    "10.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::",
    "2001:db8::1",
    "2001:db8:0:1::2",
    "1:2:3:4:5:6:7:8",
  ];
  for (const text of same)
    it(`reads and writes ${text}`, () => {
      const ip = parseIp(text);
      assert.ok(ip);
      assert.equal(formatIp(ip), text);
    });

  it("writes IPv6 in its short form", () => {
    const short = (text: string): string | undefined => {
      const ip = parseIp(text);
      return ip && formatIp(ip);
    };
    assert.equal(short("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
    assert.equal(short("::ffff:10.0.0.1"), "::ffff:a00:1");
  });

  it("knows what is no address", () => {
    for (const text of ["", "10.0.0", "10.0.0.256", "x", "fe80::1%eth0"]) assert.equal(parseIp(text), undefined, text);
    for (const text of ["10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "bogus"])
      assert.equal(parseNetwork(text), undefined, text);
  });

  it("cuts host bits", () => {
    const network = parseNetwork("10.9.0.7/24");
    assert.ok(network);
    assert.equal(formatNetwork(network), "10.9.0.0/24");
  });
});

describe("the address MAAS picks", () => {
  const picked = (state: ReturnType<typeof seedState>): string | undefined => {
    const subnet = state.subnets[1];
    assert.ok(subnet);
    return nextFreeAddress(state, subnet);
  };

  it("is the first of the smallest free range: between gateway and rack, then behind the rack", () => {
    const state = seedState();
    assert.equal(picked(state), "172.16.0.2");
    addIp(state, { allocType: allocType.userReserved, ip: "172.16.0.2", subnetId: 1 });
    assert.equal(picked(state), "172.16.0.4");
  });

  it("lies outside every range of a managed subnet, and inside a reserved one of an unmanaged", () => {
    const state = seedState();
    state.ipRanges[1] = {
      id: 1,
      type: "reserved",
      startIp: "172.16.0.1",
      endIp: "172.16.0.9",
      subnetId: 1,
      comment: "",
      userId: null,
    };
    assert.equal(picked(state), "172.16.0.10");
    const subnet = state.subnets[1];
    assert.ok(subnet);
    subnet.managed = false;
    assert.equal(picked(state), "172.16.0.2");
  });

  it("is none in a full subnet", () => {
    const state = seedState();
    const subnet = state.subnets[1];
    assert.ok(subnet);
    subnet.cidr = "172.16.0.0/30";
    addIp(state, { allocType: allocType.sticky, ip: "172.16.0.2", subnetId: 1 });
    subnet.gatewayIp = "172.16.0.1";
    assert.equal(picked(state), undefined);
  });
});

describe("a tag's definition", () => {
  const good = [
    '//node[@id="display"]',
    "//node[@id='cpu']/capabilities/capability[@id='vmx']",
    "count(//node[@class='disk']) > 2 and not(/a/b)",
    "//x",
    "/",
    "a | b",
    "..//*[position() = last() - 1]",
    "ancestor::node()/text()",
  ];
  for (const text of good)
    it(`may be ${text}`, () => {
      assert.ok(isXPath(text));
    });
  for (const text of ["bad xpath [", "", "//", "a[", "a]", "a b", "'x", "f(", "a/", "@", "$"])
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.ok(!isXPath(text));
    });
});
