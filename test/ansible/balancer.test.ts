/** Real NGINX, gunicorn and PostgreSQL: what the web topology promises of its balancer. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { after, before, test } from "node:test";
import { Balancer, type Answer } from "../support/balancer.ts";
import { childrenOf, ended, freePort, Site } from "../support/site.ts";

// Two machines' addresses: all of 127/8 is this machine.
const members = { server2: "127.0.0.2", server3: "127.0.0.3" };
type Name = keyof typeof members;

let site: Site;
let balancer: Balancer;
let port: number;
const running = {} as Record<Name, ChildProcess>;

const serve = async (name: Name) => (running[name] = await site.serve(name, `${members[name]}:${String(port)}`));

before(async () => {
  site = await Site.start();
  site.manage("migrate");
  port = await freePort();
  await Promise.all([serve("server2"), serve("server3")]);
  balancer = await Balancer.start(site, members, port);
});
after(() => site.close());

async function several(times: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < times) answers.push(await balancer.ask());
  return answers;
}

/** Requests without a pause, four at a time, for as long as `work` takes; every one must be answered. */
async function loaded(work: () => Promise<void>): Promise<string[]> {
  const served: string[] = [];
  let done = false;
  const client = async () => {
    while (!done) {
      const { status, servedBy } = await balancer.ask("/");
      assert.equal(status, 200);
      served.push(servedBy);
    }
  };
  const clients = Array.from({ length: 4 }, client);
  const worked = work().finally(() => (done = true));
  await Promise.all([worked, ...clients]);
  return served;
}

test("requests alternate strictly, though four worker processes share them", async () => {
  const answers = await several(20);
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const names = answers.map(({ servedBy }) => servedBy);
  names.slice(1).forEach((name, index) => {
    assert.notEqual(name, names[index], names.join(" "));
  });
});

test("a form goes through with its token, whichever port the browser knows, and lands in the database", async () => {
  const page = await balancer.ask("/");
  const token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(page.text)?.[1] ?? "";
  const cookie = page.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
  // As a tunnel does: the browser's port is not NGINX's.
  const headers = { cookie, host: "127.0.0.1:18080", origin: "http://127.0.0.1:18080" };
  const sent = await balancer.post("/add", { text: "Rack the NUCs", csrfmiddlewaretoken: token }, headers);
  assert.equal(sent.status, 302, sent.text.slice(0, 300));
  for (const { text } of [await balancer.ask("/"), await balancer.ask("/")]) assert.match(text, /Rack the NUCs/);
});

test("static files are served, with a name that may be kept for ever", async () => {
  const style = /href="(\/static\/[^"]+)"/.exec((await balancer.ask("/")).text)?.[1] ?? "";
  assert.match(style, /style\.\w{12}\.css$/);
  const { status, headers } = await balancer.ask(style);
  assert.equal(status, 200);
  assert.match(headers["cache-control"] ?? "", /immutable/);
});

test("a restart of a member that was taken out loses no request", async () => {
  const served = await loaded(async () => {
    for (const name of ["server2", "server3"] as const) {
      const { [name]: _out, ...others } = members;
      await balancer.configure(others);
      await ended(running[name], "SIGTERM");
      await serve(name);
      await balancer.configure(members);
    }
  });
  assert.deepEqual(new Set(served), new Set(["server2", "server3"]));
});

test("a member that hangs costs one wait, and the others answer in its place", async () => {
  const pids = [running.server2.pid ?? 0, ...childrenOf(running.server2.pid)];
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  try {
    const start = Date.now();
    const answers = await several(6);
    const seen = new Set(answers.map(({ servedBy, status }) => `${servedBy} ${String(status)}`));
    assert.deepEqual(seen, new Set(["server3 200"]));
    assert.ok(Date.now() - start < 4_000, "the hanging member was asked more than once");
  } finally {
    for (const pid of pids) process.kill(pid, "SIGCONT");
  }
});

test("a member that is cut off under load loses nothing that the other can answer", async () => {
  const served = await loaded(async () => {
    const pids = childrenOf(running.server3.pid);
    await ended(running.server3, "SIGKILL");
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await several(10);
  });
  assert.ok(served.includes("server2"));
});
