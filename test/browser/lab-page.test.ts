/** The lab's page in a real browser: it follows the machines by itself, shows everything as text, and speaks to nobody else. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { startLab, type Lab } from "../../lab/lab.ts";
import { browserOfTests } from "../support/browser.ts";
import { ask } from "../support/lab-request.ts";

const browser = browserOfTests();

class Visit {
  readonly lab: Lab;
  readonly page: Page;
  /** What the browser's console says is wrong. */
  readonly complaints: string[] = [];
  readonly hosts = new Set<string>();

  private constructor(lab: Lab, page: Page) {
    this.lab = lab;
    this.page = page;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("request", (request) => this.hosts.add(new URL(request.url()).host));
  }

  /** A lab with these machines, and its page. */
  static async of(t: TestContext, hostnames: string[], options: BrowserContextOptions = {}): Promise<Visit> {
    const lab = await startLab({ mode: "explicit" });
    const context = await browser().newContext(options);
    t.after(async () => {
      await context.close();
      await lab.close();
    });
    context.setDefaultTimeout(15_000);
    const visit = new Visit(lab, await context.newPage());
    for (const [index, hostname] of hostnames.entries()) await visit.enlist(hostname, index + 1);
    await visit.page.goto(lab.maasUrl);
    await visit.page.getByText("Live").waitFor();
    return visit;
  }

  async enlist(hostname: string, number: number): Promise<string> {
    const { json, text } = await ask(this.lab, "POST", "machines/", {
      form: {
        architecture: "amd64/generic",
        commission: "false",
        hostname,
        mac_addresses: `1c:69:7a:00:00:0${String(number)}`,
        power_type: "amt",
        power_parameters_power_address: `172.16.15.${String(number)}`,
        power_parameters_power_pass: "planted-password",
      },
    });
    const { system_id: id } = json as { system_id?: string };
    assert.ok(id, text);
    return id;
  }

  async systemId(hostname: string): Promise<string> {
    const { json } = await ask(this.lab, "GET", "machines/", { query: { hostname } });
    const [machine] = json as { system_id: string }[];
    assert.ok(machine);
    return machine.system_id;
  }

  async post(path: string, form: Record<string, string>): Promise<void> {
    const { status, text } = await ask(this.lab, "POST", path, { form });
    assert.equal(status, 200, text);
  }

  async boot(machine: string, outcome: string): Promise<void> {
    const body = JSON.stringify({ machine, outcome, ip: "172.16.1.101" });
    const { status, text } = await ask(this.lab, "POST", "/lab/boot", { key: null, body });
    assert.equal(status, 204, text);
  }

  row(hostname: string) {
    return this.page.getByRole("row").filter({ has: this.page.getByRole("link", { name: hostname, exact: true }) });
  }

  /** Nothing was wrong, and nothing was asked of anybody but the lab. */
  assertQuiet(): void {
    assert.deepEqual(this.complaints, []);
    assert.deepEqual([...this.hosts], [new URL(this.lab.maasUrl).host]);
  }
}

test("the MAAS URL leads to the page, which says that it is the lab's and no MAAS", async (t) => {
  const visit = await Visit.of(t, ["server1"]);
  const { page } = visit;
  assert.equal(new URL(page.url()).pathname, "/MAAS/r/");
  assert.equal(await page.title(), "Metalform's lab");
  await page.getByRole("heading", { name: "Metalform's lab" }).waitFor();
  await page.getByText("This is not MAAS").waitFor();
  visit.assertQuiet();
});

test("a machine that changes its state changes on the page, without a reload", async (t) => {
  const visit = await Visit.of(t, ["server1", "server2"]);
  await visit.page.evaluate("globalThis.sameDocument = true");
  const id = await visit.systemId("server1");
  await visit.row("server1").getByText("New", { exact: true }).waitFor();
  await visit.post(`machines/${id}/?op=commission`, {});
  await visit.row("server1").getByText("Commissioning", { exact: true }).waitFor();
  await visit.boot(id, "commission-ok");
  await visit.row("server1").getByText("Ready", { exact: true }).waitFor();
  await visit.row("server1").getByText("Passed (1 of 1)").waitFor();
  await visit.page.getByText("2 in all: 1 Ready, 1 New").waitFor();
  assert.equal(await visit.page.getByRole("log").textContent(), "server1: Ready");
  await visit.enlist("server3", 3);
  await visit.row("server3").waitFor();
  await visit.row("server2").getByText("New", { exact: true }).waitFor();
  assert.equal(await visit.page.evaluate("globalThis.sameDocument"), true);
  visit.assertQuiet();
});

test("a machine's name leads to its events, tests and interfaces, which go on live, and back", async (t) => {
  const visit = await Visit.of(t, ["server1", "server2"]);
  const { page } = visit;
  const id = await visit.systemId("server1");
  await page.getByRole("link", { name: "server1" }).click();
  await page.getByRole("heading", { name: "server1 New" }).waitFor();
  // Who reads with a keyboard or a screen reader is there too.
  await page.waitForFunction("document.activeElement?.tagName === 'H2'");
  const events = page.getByRole("table", { name: "Events" });
  await visit.post(`machines/${id}/?op=commission`, {});
  await page.getByRole("heading", { name: "server1 Commissioning" }).waitFor();
  await visit.boot(id, "commission-ok");
  await page.getByRole("heading", { name: "server1 Ready" }).waitFor();
  for (const event of ["User starting node commissioning", "Ready"])
    await events.getByRole("cell", { name: event, exact: true }).waitFor();
  const tests = page.getByRole("table", { name: "Test results" });
  await tests.getByRole("row").filter({ hasText: "smartctl-validate" }).getByText("Passed").waitFor();
  await page.getByRole("table", { name: "Interfaces" }).getByText("enp1s0").waitFor();
  await page.getByRole("link", { name: "All machines" }).click();
  await visit.row("server2").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "server1 Ready" }).waitFor();
  visit.assertQuiet();
});

test("the address that MAAS has for a machine leads to it as well", async (t) => {
  const visit = await Visit.of(t, ["server1"]);
  await visit.page.goto(`${visit.lab.maasUrl}/r/machine/${await visit.systemId("server1")}/summary`);
  await visit.page.getByRole("heading", { name: "server1 New" }).waitFor();
  await visit.page.getByRole("link", { name: "All machines" }).click();
  await visit.row("server1").waitFor();
  visit.assertQuiet();
});

test("a machine that is deleted goes, also while it is looked at", async (t) => {
  const visit = await Visit.of(t, ["server1", "server2"]);
  const id = await visit.systemId("server1");
  await visit.page.getByRole("link", { name: "server1" }).click();
  await visit.page.getByRole("heading", { name: "server1 New" }).waitFor();
  assert.equal((await ask(visit.lab, "DELETE", `machines/${id}/`)).status, 204);
  await visit.page.getByText("There is no such machine").waitFor();
  await visit.page.getByRole("link", { name: "All machines" }).click();
  await visit.row("server2").waitFor();
  assert.equal(await visit.row("server1").count(), 0);
});

test("the filter looks at names, states, tags and addresses", async (t) => {
  const visit = await Visit.of(t, ["server1", "server2"]);
  await visit.page.getByLabel("Filter").fill("SERVER2");
  await visit.row("server1").waitFor({ state: "detached" });
  await visit.page.getByLabel("Filter").fill("new");
  await visit.row("server1").waitFor();
  visit.assertQuiet();
});

test("subnets show their DHCP and ranges", async (t) => {
  const visit = await Visit.of(t, []);
  const { json } = await ask(visit.lab, "GET", "subnets/");
  const subnet = (json as { id: number; cidr: string; vlan: { id: number } }[]).find(
    ({ cidr }) => cidr === "172.16.0.0/20",
  );
  assert.ok(subnet);
  const racks = (await ask(visit.lab, "GET", "rackcontrollers/")).json as { system_id: string }[];
  const row = visit.page.getByRole("row").filter({ hasText: "172.16.0.0/20" });
  await row.getByText("off", { exact: true }).waitFor();
  const range = { type: "dynamic", start_ip: "172.16.2.1", end_ip: "172.16.2.99", subnet: String(subnet.id) };
  await visit.post("ipranges/", range);
  await row.getByText("dynamic 172.16.2.1 – 172.16.2.99").waitFor();
  const dhcp = { dhcp_on: "true", primary_rack: racks[0]?.system_id ?? "" };
  assert.equal((await ask(visit.lab, "PUT", `vlans/${String(subnet.vlan.id)}/`, { form: dhcp })).status, 200);
  await row.getByText("on", { exact: true }).waitFor();
  visit.assertQuiet();
});

test("what a client has sent is text on the page, never markup", async (t) => {
  const visit = await Visit.of(t, ["server1"]);
  const markup = `<img src="x" onerror="document.title='run'"><script>document.title='run'</script>`;
  const id = await visit.systemId("server1");
  await ask(visit.lab, "PUT", `machines/${id}/`, { form: { description: markup } });
  await visit.page.getByRole("link", { name: "server1" }).click();
  await visit.page.getByText(markup).waitFor();
  assert.equal(await visit.page.locator("main img, main script").count(), 0);
  assert.notEqual(await visit.page.title(), "run");
  visit.assertQuiet();
});

test("when the lab stops, the page says so, and goes on when it is back", async (t) => {
  const visit = await Visit.of(t, ["server1"]);
  const port = Number(new URL(visit.lab.maasUrl).port);
  await visit.lab.close();
  await visit.page.getByText("The lab does not answer; trying again").waitFor();
  const next = await startLab({ mode: "explicit", port });
  t.after(() => next.close());
  await visit.page.getByText("No machine is enlisted.").waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, viewport] of [
    ["a desk", { width: 1280, height: 800 }],
    ["a phone", { width: 360, height: 740 }],
  ] as const) {
    test(`everybody can read it: ${colorScheme}, at the width of ${name}`, async (t) => {
      const visit = await Visit.of(t, ["server1", "server2", "server3"], { colorScheme, viewport });
      const ids = await Promise.all(["server1", "server2"].map((hostname) => visit.systemId(hostname)));
      for (const [index, id] of ids.entries()) {
        await visit.post(`machines/${id}/?op=commission`, {});
        await visit.boot(id, index === 0 ? "commission-ok" : "commission-fail");
      }
      await visit.row("server2").getByText("Failed commissioning").waitFor();
      await assertAccessible(visit.page);
      await visit.page.getByRole("link", { name: "server1" }).click();
      await visit.page.getByRole("table", { name: "Events" }).waitFor();
      await visit.page.getByRole("table", { name: "Test results" }).getByText("Passed").first().waitFor();
      await assertAccessible(visit.page);
      visit.assertQuiet();
    });
  }
}

/** By the rules of axe (WCAG 2.2 A and AA, contrast among them), and nothing has to be pushed aside to be seen. */
async function assertAccessible(page: Page): Promise<void> {
  // Where an animation began, the colours are still on their way.
  await page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))");
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  }>("axe.run()");
  assert.deepEqual(
    violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ""}`).join("; ")}`,
    ),
    [],
  );
  assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it fits the width");
}
