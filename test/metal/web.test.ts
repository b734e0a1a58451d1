/** The seed's web topology from nothing to a site that answers, through failures and a new release, and back to nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, it } from "node:test";
import { leftOf, tracesOf } from "../support/lab-traces.ts";
import { Load, WebRack } from "../support/web-rack.ts";

/** At the same time; as many may be under way on a machine that dies. */
const WORKERS = 4;

let rack: WebRack;
before(() => {
  rack = new WebRack();
});
after(() => rack.remove());

const alternates = (names: string[], expected = ["server2", "server3"]): void => {
  assert.deepEqual([...new Set(names)].sort(), expected, names.join(" "));
  for (const [index, name] of names.entries()) assert.notEqual(name, names[index + 1], names.join(" "));
};

it("up ends with a site that answers, by two machines in turn", async () => {
  const { code, output } = await rack.make("up");
  assert.equal(code, 0, output.slice(-4000));
  assert.match(
    output,
    /six requests, answered by (server2, server3, ){2}|six requests, answered by (server3, server2, ){2}/,
  );
  alternates(await rack.servedInTurn(6));
});

it("what is written through the site is in PostgreSQL on server1", async () => {
  const page = await fetch(rack.url);
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const added = await fetch(`${rack.url}add`, {
    method: "POST",
    headers: { cookie, referer: rack.url, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrfmiddlewaretoken: token, text: "rack the sixth NUC" }).toString(),
  });
  assert.ok(added.ok, String(added.status));
  const { stdout } = await rack.ssh("server1", "sudo -u postgres psql -At todo -c 'select text from todo_item'");
  assert.match(stdout, /rack the sixth NUC/);
});

it("the database lets in the site's machines, and nobody else", async () => {
  const port = "timeout 5 bash -c '</dev/tcp/172.16.0.11/5432'";
  assert.equal((await rack.ssh("server2", port)).code, 0);
  assert.notEqual((await rack.ssh("server4", port)).code, 0);
});

it("an up without a change runs nothing", async () => {
  const { code, output } = await rack.make("up");
  assert.equal(code, 0, output.slice(-2000));
  assert.match(output, /\d+ unchanged/);
  assert.doesNotMatch(output, /PLAY RECAP/);
});

/** In the kernel's rules of the firewall, until somebody loads them anew: what is asked of the machine meanwhile is lost. */
const MARKER = "ufw-user-input -m comment --comment left-alone";

it("a second run of the playbook by hand changes nothing, and leaves a firewall alone that is as it should be", async () => {
  await rack.ssh("server2", `sudo iptables -A ${MARKER}`);
  const { code, output } = await rack.shell(`
    export METALFORM_DATABASE_PASSWORD="$(pulumi stack output databasePassword --show-secrets)"
    export METALFORM_SECRET_KEY="$(pulumi stack output secretKey --show-secrets)"
    ansible-playbook ansible/site.yml --extra-vars '${JSON.stringify(variables)}'`);
  assert.equal(code, 0, output.slice(-4000));
  const changes = [...output.matchAll(/^(\w+)\s+: ok=\d+\s+changed=(\d+)/gm)].map(
    ([, host, changed]) => `${host ?? ""} ${changed ?? ""}`,
  );
  assert.deepEqual(changes.sort(), ["main 0", ...[1, 2, 3, 4, 5].map((n) => `server${String(n)} 0`)]);
  assert.equal((await rack.ssh("server2", `sudo iptables -D ${MARKER}`)).code, 0);
});

/** What the program gives the playbook, as stacks/web/web.ts has it. */
const variables = {
  django_more_hosts: ["localhost", "127.0.0.1", "172.16.0.3"],
  nat_forwards: [
    { port: 80, to: "172.16.0.14:80" },
    { port: 8000, to: "172.16.0.12:8000" },
  ],
  nat_wanted: true,
};

it("a tunnel leads through main to Django on the first app machine", async () => {
  const tunnel = rack.start(process.execPath, ["tools/tunnel.ts"]);
  let printed = "";
  tunnel.stdout?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const answerOf = async (): Promise<Response | undefined> => {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed.split("Django on").at(-1) ?? "")?.[0];
    return url === undefined ? undefined : await fetch(url).catch(() => undefined);
  };
  await rack.until("the tunnel", async () => (await answerOf())?.headers.get("x-served-by") === "server2");
  tunnel.kill("SIGTERM");
  await once(tunnel, "close");
});

it("a power cut of server2 under load loses no more than what was under way there; it comes back by itself", async () => {
  const load = new Load(() => rack.served(), WORKERS);
  await rack.until("some load", () => Promise.resolve(load.answers.length > 20));
  await rack.power("server2", "power_off");
  const before = load.answers.length;
  await rack.until("answers without server2", () => Promise.resolve(load.answers.length > before + 60));
  await rack.power("server2", "power_on");
  await rack.until("server2 to serve again", () => Promise.resolve(load.answers.slice(-20).includes("server2")));
  const failed = await load.stop();
  assert.ok(
    failed.length <= WORKERS,
    `${String(failed.length)} of ${String(load.answers.length)}: ${failed.join(", ")}`,
  );
});

it("a new release of the site is rolled out under load, and no request fails", async () => {
  rack.project.edit("ansible/roles/django/files/site/todo/views.py", (text) => `${text}\n# A new release.\n`);
  const preview = await rack.make("preview");
  assert.match(preview.output, /web-site/);
  const load = new Load(() => rack.served(), WORKERS);
  const { code, output } = await rack.make("up");
  const failed = await load.stop();
  assert.equal(code, 0, output.slice(-4000));
  assert.match(output, /PLAY RECAP/);
  assert.deepEqual(failed, [], `of ${String(load.answers.length)} requests`);
});

it("after a reboot of all five machines at once everything is there again by itself", async () => {
  const before = await Promise.all([1, 2, 3, 4, 5].map((n) => bootOf(n)));
  await Promise.all([1, 2, 3, 4, 5].map((n) => rack.ssh(`server${String(n)}`, "sudo systemctl reboot")));
  await rack.until("five new boots", async () => {
    const now = await Promise.all([1, 2, 3, 4, 5].map((n) => bootOf(n)));
    return now.every((boot, index) => boot !== "" && boot !== before[index]);
  });
  await rack.until("both to serve", async () => new Set(await rack.servedInTurn(4)).size === 2);
  alternates(await rack.servedInTurn(6));
  const { stdout } = await rack.ssh("server1", "sudo -u postgres psql -At todo -c 'select text from todo_item'");
  assert.match(stdout, /rack the sixth NUC/);
});

/** When it was booted: the kernel's boot id is this computer's. */
const bootOf = async (n: number): Promise<string> =>
  (
    await rack.ssh(
      `server${String(n)}`,
      "systemctl show --property=UserspaceTimestampMonotonic --value init.scope; stat -c %Y /run/systemd/system",
    )
  ).stdout.trim();

it("a third app machine by config: the spare one, and what the others run goes on", async () => {
  const running = (host: string, unit: string) =>
    rack.ssh(host, `systemctl show --property=MainPID,ActiveEnterTimestampMonotonic ${unit}`);
  const others = () =>
    Promise.all([
      running("server1", "postgresql@*-main"),
      running("server2", "todo"),
      running("server3", "todo"),
      running("server4", "nginx"),
    ]);
  const before = (await others()).map(({ stdout }) => stdout);
  rack.project.edit("Pulumi.dev.yaml", (text) =>
    text.replace("config:\n", "config:\n  metalform:roles: { db: 1, app: 3, balancer: 1 }\n"),
  );
  const { code, output } = await rack.make("up");
  assert.equal(code, 0, output.slice(-4000));
  assert.deepEqual(
    (await others()).map(({ stdout }) => stdout),
    before,
  );
  await rack.until("all three to serve", async () => new Set(await rack.servedInTurn(6)).size === 3);
  alternates(await rack.servedInTurn(6), ["server2", "server3", "server5"]);
});

it("destroy gives all machines back, and down leaves nothing on this computer", async () => {
  const lab = rack.labPid;
  const traces = tracesOf(lab);
  const { code, output } = await rack.make("down");
  assert.equal(code, 0, output.slice(-4000));
  assert.match(output, /5 of 5 machines are back/);
  assert.deepEqual(await leftOf(lab, traces), []);
});
