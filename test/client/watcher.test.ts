import assert from "node:assert/strict";
import { test } from "node:test";
import { ProviderError } from "../../providers/core/errors.ts";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { createWatcher } from "../../providers/maas/watcher.ts";
import type { WatchOptions } from "../../providers/maas/watcher.ts";
import { FakeClock } from "../support/fake-clock.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Of a machine the watcher looks only at these. */
const machine = (system_id: string, status: number): Machine => ({ system_id, status }) as Machine;

function setUp(options: { takes?: number } = {}) {
  const clock = new FakeClock();
  const statuses = new Map<string, number>();
  const polls: { at: number; ids: string[] }[] = [];
  let trouble: Error | undefined;
  const list = async ({ id = [] }: { id?: readonly string[] }): Promise<Machine[]> => {
    polls.push({ at: clock.now(), ids: [...id] });
    // As it is when the request arrives, not when it is answered.
    const answer = id.flatMap((systemId) => {
      const status = statuses.get(systemId);
      return status === undefined ? [] : [machine(systemId, status)];
    });
    const error = trouble;
    if (options.takes !== undefined) await clock.sleep(options.takes);
    if (error) throw error;
    return answer;
  };
  const watcher = createWatcher({ machines: { list } }, { clock });
  return {
    clock,
    statuses,
    polls,
    fail: (error: Error | undefined) => {
      trouble = error;
    },
    watcher,
    /** Watches until a status of the machine, or an error, ends it. */
    follow: (systemId: string, until: number, watch: WatchOptions = {}) => {
      const followed = { seen: [] as number[], ended: undefined as string | undefined, endedAt: NaN };
      const run = async () => {
        for await (const found of watcher.watch(systemId, watch)) {
          followed.seen.push(found.status);
          if (found.status === until) return "done";
        }
        return "over";
      };
      void run()
        .catch((error: unknown) => (error instanceof ProviderError ? `${error.code}: ${error.message}` : String(error)))
        .then((ended) => {
          followed.ended = ended;
          followed.endedAt = clock.now();
        });
      return followed;
    },
  };
}

test("fifty machines that are waited for share each request", async () => {
  const { clock, statuses, polls, follow } = setUp();
  const ids = Array.from({ length: 50 }, (_, i) => `m${String(i)}`);
  for (const id of ids) statuses.set(id, 9);
  const followed = ids.map((id) => follow(id, 6));
  await clock.advance(8 * MINUTE);
  for (const id of ids) statuses.set(id, 6);
  await clock.advance(30 * SECOND);
  assert.ok(followed.every(({ ended }) => ended === "done"));
  assert.ok(polls.every((poll) => poll.ids.length === 50));
  assert.ok(polls.length < 250, `${String(polls.length)} requests in 8 minutes`);
});

test("machines whose phases began at different times still come along with each other", async () => {
  const { clock, statuses, polls, follow } = setUp();
  for (let i = 0; i < 50; i++) {
    statuses.set(`m${String(i)}`, 9);
    follow(`m${String(i)}`, 6);
    await clock.advance(3_100);
  }
  const before = polls.length;
  await clock.advance(5 * MINUTE);
  const perMachine = polls.slice(before).flatMap((poll) => poll.ids).length / 50;
  const requests = polls.length - before;
  assert.ok(requests < 3 * perMachine, `${String(requests)} requests, ${perMachine.toFixed(0)} looks at each machine`);
});

test("nothing is asked once nobody waits", async () => {
  const { clock, statuses, polls, follow } = setUp();
  statuses.set("m1", 6);
  const { seen } = follow("m1", 6);
  await clock.advance(MINUTE);
  assert.deepEqual(seen, [6]);
  assert.equal(polls.length, 1);
});

test("only those that are waited for are asked for", async () => {
  const { clock, statuses, polls, follow } = setUp();
  statuses.set("m1", 6).set("m2", 9);
  follow("m1", 6);
  follow("m2", 6);
  await clock.advance(MINUTE);
  assert.deepEqual(polls[0]?.ids, ["m1", "m2"]);
  assert.ok(polls.slice(1).every((poll) => poll.ids.join() === "m2"));
});

test("the end of a phase is seen at most 2.5 % late, and each new phase is looked at closely again", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 1);
  const followed = follow("m1", 4);
  await clock.advance(5 * MINUTE);
  statuses.set("m1", 21);
  await clock.advance(7.5 * SECOND);
  assert.equal(followed.seen.at(-1), 21);
  await clock.advance(2 * SECOND);
  const began = clock.now();
  statuses.set("m1", 4);
  await clock.advance(10 * SECOND);
  assert.equal(followed.ended, "done");
  assert.ok(followed.endedAt - began <= 250, String(followed.endedAt - began));
});

test("near the expected end it looks more closely", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 9);
  const followed = follow("m1", 6, { expectedMs: 8 * MINUTE });
  await clock.advance(8 * MINUTE - 1);
  statuses.set("m1", 6);
  await clock.advance(10 * SECOND);
  assert.ok(followed.endedAt - 8 * MINUTE <= 0.011 * 8 * MINUTE, String(followed.endedAt));
});

test("who joins while others wait is looked at within half a second", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 9).set("m2", 6);
  follow("m1", 6);
  await clock.advance(10 * MINUTE);
  const joined = clock.now();
  const followed = follow("m2", 6);
  await clock.advance(MINUTE);
  assert.ok(followed.endedAt - joined <= 500, String(followed.endedAt - joined));
});

test("an answer to a question that was asked before the wait began is not news", async () => {
  const { clock, statuses, follow } = setUp({ takes: 400 });
  statuses.set("m1", 4);
  follow("m1", 99);
  // The first poll begins at 200 ms with status Ready, and is answered at 600 ms.
  await clock.advance(300);
  statuses.set("m1", 1);
  const late = follow("m1", 99);
  await clock.advance(400);
  assert.deepEqual(late.seen, []);
  await clock.advance(5 * SECOND);
  assert.equal(late.seen[0], 1);
});

test("two who wait for one machine both see it, and one leaving does not end the other's wait", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 1);
  const one = follow("m1", 21);
  const other = follow("m1", 4);
  await clock.advance(SECOND);
  statuses.set("m1", 21);
  await clock.advance(SECOND);
  assert.equal(one.ended, "done");
  assert.equal(other.ended, undefined);
  statuses.set("m1", 4);
  await clock.advance(SECOND);
  assert.equal(other.ended, "done");
});

test("a machine that vanishes is told as gone after two looks, and the others go on", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 9).set("m2", 9);
  const lost = follow("m1", 6);
  const kept = follow("m2", 6);
  await clock.advance(SECOND);
  statuses.delete("m1");
  await clock.advance(SECOND);
  assert.equal(lost.ended, "gone: MAAS does not have machine m1 any more.");
  assert.equal(kept.ended, undefined);
});

test("a machine that is missing from one answer only is not gone", async () => {
  const { clock, statuses, polls, follow } = setUp();
  statuses.set("m1", 9);
  const followed = follow("m1", 6);
  await clock.advance(SECOND);
  statuses.delete("m1");
  const before = polls.length;
  while (polls.length === before) await clock.advance(10);
  statuses.set("m1", 6);
  await clock.advance(SECOND);
  assert.equal(followed.ended, "done");
});

test("MAAS away for nine minutes ends no wait, and it is asked ever less often meanwhile", async () => {
  const { clock, statuses, polls, fail, follow } = setUp();
  statuses.set("m1", 9);
  const followed = follow("m1", 6);
  await clock.advance(SECOND);
  const before = polls.length;
  fail(new ProviderError("server-error", "502"));
  await clock.advance(9 * MINUTE);
  assert.ok(polls.length - before < 65, String(polls.length - before));
  assert.equal(followed.ended, undefined);
  fail(undefined);
  statuses.set("m1", 6);
  await clock.advance(10 * SECOND);
  assert.equal(followed.ended, "done");
});

test("two troubles of nine minutes are not one of eighteen", async () => {
  const { clock, statuses, fail, follow } = setUp();
  statuses.set("m1", 9);
  const followed = follow("m1", 6);
  for (let trouble = 0; trouble < 2; trouble++) {
    await clock.advance(MINUTE);
    fail(new ProviderError("server-error", "502"));
    await clock.advance(9 * MINUTE);
    fail(undefined);
  }
  await clock.advance(MINUTE);
  assert.equal(followed.ended, undefined);
});

test("MAAS away for ten minutes ends all waits with what was last said", async () => {
  const { clock, statuses, fail, follow } = setUp();
  statuses.set("m1", 9).set("m2", 9);
  const followed = [follow("m1", 6), follow("m2", 6)];
  await clock.advance(MINUTE);
  fail(new ProviderError("unreachable", "Nothing listens there."));
  await clock.advance(10 * MINUTE + 20 * SECOND);
  for (const { ended } of followed) {
    assert.match(ended ?? "", /^unreachable: MAAS has not answered for 10 min \d\d s, .* Nothing listens there\.$/);
  }
});

test("what will not get better by waiting is told at once", async () => {
  const { clock, statuses, fail, polls, follow } = setUp();
  statuses.set("m1", 9);
  const followed = follow("m1", 6);
  await clock.advance(SECOND);
  fail(new ProviderError("bad-key", "MAAS does not know the API key."));
  await clock.advance(SECOND);
  assert.equal(followed.ended, "bad-key: MAAS does not know the API key.");
  const before = polls.length;
  await clock.advance(MINUTE);
  assert.equal(polls.length, before);
});

test("when polls are slow, no more than a fifth of the time is spent polling", async () => {
  const { clock, statuses, polls, follow } = setUp({ takes: 2 * SECOND });
  statuses.set("m1", 9);
  follow("m1", 6);
  await clock.advance(10 * MINUTE);
  const share = (polls.length * 2 * SECOND) / (10 * MINUTE);
  assert.ok(share <= 0.21, share.toFixed(2));
  assert.ok(share >= 0.1, share.toFixed(2));
});

test("a wait that is given up ends with the signal's reason and leaves nothing behind", async () => {
  const { clock, statuses, polls, follow } = setUp();
  statuses.set("m1", 9);
  const stop = new AbortController();
  const followed = follow("m1", 6, { signal: stop.signal });
  await clock.advance(SECOND);
  stop.abort(new ProviderError("timeout", "out of time"));
  await clock.advance(10);
  assert.equal(followed.ended, "timeout: out of time");
  const before = polls.length;
  await clock.advance(MINUTE);
  assert.equal(polls.length, before);
});

test("a wait that is given up before it begins asks nothing", async () => {
  const { clock, statuses, polls, follow } = setUp();
  statuses.set("m1", 6);
  const followed = follow("m1", 6, { signal: AbortSignal.abort(new ProviderError("timeout", "out of time")) });
  await clock.advance(MINUTE);
  assert.equal(followed.ended, "timeout: out of time");
  assert.equal(polls.length, 0);
});

test("a verdict on an earlier wait does not take the later one along", async () => {
  const { clock, statuses, polls, follow } = setUp({ takes: 400 });
  const stop = new AbortController();
  follow("m1", 6, { signal: stop.signal });
  // The second answer without the machine is on its way when the one who waited leaves and another comes.
  while (polls.length < 2) await clock.advance(50);
  stop.abort(new Error("enough"));
  const later = follow("m1", 6);
  statuses.set("m1", 6);
  await clock.advance(10 * SECOND);
  assert.equal(later.ended, "done");
});

test("who hears late that a machine was gone does not end the wait of one who began anew", async () => {
  const { clock, statuses, watcher, follow } = setUp();
  statuses.set("m1", 9);
  const slow = watcher.watch("m1")[Symbol.asyncIterator]();
  const first = slow.next();
  await clock.advance(SECOND);
  await first;
  statuses.delete("m1");
  await clock.advance(SECOND);
  statuses.set("m1", 9);
  const anew = follow("m1", 6);
  await clock.advance(SECOND);
  await assert.rejects(slow.next(), { code: "gone" });
  statuses.set("m1", 6);
  await clock.advance(SECOND);
  assert.equal(anew.ended, "done");
});

test("a wait may begin again after all others have ended", async () => {
  const { clock, statuses, follow } = setUp();
  statuses.set("m1", 6);
  follow("m1", 6);
  await clock.advance(MINUTE);
  statuses.set("m1", 4);
  const again = follow("m1", 4);
  await clock.advance(SECOND);
  assert.equal(again.ended, "done");
});

test("who is slow to look gets the newest and no backlog", async () => {
  const clock = new FakeClock();
  let status = 1;
  const watcher = createWatcher({ machines: { list: () => Promise.resolve([machine("m1", status)]) } }, { clock });
  const seen: number[] = [];
  const iterator = watcher.watch("m1")[Symbol.asyncIterator]();
  const take = async () => {
    const next = iterator.next();
    await clock.advance(SECOND);
    const { value } = (await next) as IteratorYieldResult<Machine>;
    seen.push(value.status);
  };
  await take();
  status = 21;
  await clock.advance(SECOND);
  status = 4;
  await clock.advance(SECOND);
  await take();
  await iterator.return?.();
  assert.deepEqual(seen, [1, 4]);
});
