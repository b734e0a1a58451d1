/**
 * The one watcher of a process: all machines that somebody waits for are asked for in one request a round. A machine's
 * turn comes by its own cadence; those whose turn is near come along.
 */
import type { Clock } from "../core/clock.ts";
import { clockText } from "../core/duration.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Machine, MachinesApi } from "./api/machines.ts";
import { LONGEST_MS, nextPollDelay, SHORTEST_MS } from "./poll-cadence.ts";

export interface WatchOptions {
  /** Ends the watch: the iteration throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long the phase is expected to take from now on, in milliseconds. */
  expectedMs?: number | undefined;
}

export interface Watcher {
  /**
   * The machine as each poll sees it, from polls that begin after this call; whoever is slow gets only the newest.
   * Throws `gone` when MAAS does not have the machine any more, and what keeps MAAS from answering when that lasts for
   * 10 minutes; shorter troubles are not told.
   */
  watch(systemId: string, options?: WatchOptions): AsyncIterable<Machine>;
}

export interface WatcherParts {
  clock: Clock;
}

/** A region controller that is upgraded is back before that. */
const UNREACHABLE_MS = 10 * 60_000;
/** At most this part of the time is spent polling: 500 machines are 5 MB. */
const BUSY_SHARE = 0.2;
/** Whose turn comes within this part of its own delay is asked for now: a look more is cheaper than a request more. */
const SLACK = 0.5;

interface Watched {
  readonly systemId: string;
  readonly listeners: Set<Listener>;
  status: number | undefined;
  changedAt: number;
  delay: number;
  dueAt: number;
  /** Polls running in which MAAS did not have it. */
  misses: number;
}

interface Listener {
  /** Answers of polls up to this one are older than the wait. */
  readonly afterPoll: number;
  /** When the phase is expected to end, on the clock. */
  readonly expectedAt: number | undefined;
  see(machine: Machine): void;
  fail(error: unknown): void;
}

export function createWatcher(client: { machines: Pick<MachinesApi, "list"> }, parts: WatcherParts): Watcher {
  const { clock } = parts;
  const watched = new Map<string, Watched>();
  let polls = 0;
  let running = false;
  let nap = new AbortController();
  let earliest = 0;
  let failingSince: number | undefined;
  let failures = 0;

  const join = (systemId: string, listener: Listener): (() => void) => {
    const now = clock.now();
    const machine = watched.get(systemId) ?? {
      systemId,
      listeners: new Set<Listener>(),
      status: undefined,
      changedAt: now,
      delay: SHORTEST_MS,
      dueAt: Infinity,
      misses: 0,
    };
    machine.listeners.add(listener);
    machine.dueAt = Math.min(machine.dueAt, now + SHORTEST_MS);
    watched.set(systemId, machine);
    if (running) nap.abort();
    else void run();
    return () => {
      machine.listeners.delete(listener);
      forget(machine);
    };
  };

  const run = async (): Promise<void> => {
    running = true;
    while (watched.size > 0) {
      const wakeAt = Math.max(earliest, Math.min(...[...watched.values()].map((machine) => machine.dueAt)));
      if (wakeAt > clock.now()) {
        nap = new AbortController();
        // Woken early when somebody joins or the last one leaves: then the sum is done anew.
        await clock.sleep(wakeAt - clock.now(), nap.signal).catch(() => undefined);
        continue;
      }
      await poll();
    }
    running = false;
  };

  const poll = async (): Promise<void> => {
    const number = ++polls;
    const started = clock.now();
    const asked = [...watched.values()].filter((machine) => machine.dueAt <= started + machine.delay * SLACK);
    try {
      const machines = await client.machines.list({ id: asked.map((machine) => machine.systemId) }, { tries: 1 });
      failingSince = undefined;
      failures = 0;
      const found = new Map(machines.map((machine) => [machine.system_id, machine]));
      for (const machine of asked) see(machine, found.get(machine.systemId), number);
    } catch (error) {
      suffer(error, asked, started);
    }
    const cost = clock.now() - started;
    earliest = Math.max(earliest, started + SHORTEST_MS, clock.now() + cost * (1 / BUSY_SHARE - 1));
  };

  const see = (machine: Watched, found: Machine | undefined, number: number): void => {
    const now = clock.now();
    if (!found) {
      // Once may be a hiccup of a region controller that restarts; twice running is the truth.
      if (++machine.misses < 2) {
        machine.dueAt = now + SHORTEST_MS;
        return;
      }
      // Not for those who came while it was being asked: to them this answer is old.
      const told = [...machine.listeners].filter((listener) => listener.afterPoll < number);
      end(machine, new ProviderError("gone", `MAAS does not have machine ${machine.systemId} any more.`), told);
      return;
    }
    machine.misses = 0;
    if (found.status !== machine.status) {
      machine.status = found.status;
      machine.changedAt = now;
    }
    const sinceChangeMs = now - machine.changedAt;
    const expectedAt = Math.min(...[...machine.listeners].map((listener) => listener.expectedAt ?? Infinity));
    machine.delay = nextPollDelay({
      sinceChangeMs,
      expectedMs: Number.isFinite(expectedAt) ? expectedAt - machine.changedAt : undefined,
    });
    machine.dueAt = now + machine.delay;
    for (const listener of machine.listeners) if (listener.afterPoll < number) listener.see(found);
  };

  /** A poll without an answer: tolerated for a while when it may pass, told to all who wait when it will not. */
  const suffer = (error: unknown, asked: Watched[], started: number): void => {
    const now = clock.now();
    failingSince ??= started;
    const lasted = now - failingSince;
    if (!isError(error, "unreachable", "server-error", "conflict")) {
      for (const machine of asked) end(machine, error);
    } else if (lasted >= UNREACHABLE_MS) {
      const told = new ProviderError(
        error.code,
        `MAAS has not answered for ${clockText(lasted)}, so nobody knows how the machines are. ${messageOf(error)}`,
        { cause: error },
      );
      for (const machine of [...watched.values()]) end(machine, told);
    } else {
      earliest = now + Math.min(LONGEST_MS, SHORTEST_MS * 2 ** ++failures);
    }
  };

  const end = (machine: Watched, error: unknown, told = [...machine.listeners]): void => {
    for (const listener of told) {
      machine.listeners.delete(listener);
      listener.fail(error);
    }
    machine.dueAt = clock.now() + SHORTEST_MS;
    forget(machine);
  };

  const forget = (machine: Watched): void => {
    // A later wait for the same machine may have begun anew.
    if (machine.listeners.size === 0 && watched.get(machine.systemId) === machine) watched.delete(machine.systemId);
    if (watched.size === 0) nap.abort();
  };

  return {
    async *watch(systemId, { signal, expectedMs } = {}) {
      signal?.throwIfAborted();
      const mail = mailbox<Machine>();
      const leave = join(systemId, {
        afterPoll: polls,
        expectedAt: expectedMs === undefined ? undefined : clock.now() + expectedMs,
        see: mail.put,
        fail: mail.fail,
      });
      const onAbort = () => {
        mail.fail(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        for (;;) yield await mail.take();
      } finally {
        signal?.removeEventListener("abort", onAbort);
        leave();
      }
    },
  };
}

/** Holds the newest thing until it is taken; a failure is taken for ever. */
function mailbox<T>() {
  let content: { value: T } | undefined;
  let failure: { reason: unknown } | undefined;
  let wake = (): void => undefined;
  return {
    put: (value: T) => {
      content = { value };
      wake();
    },
    fail: (reason: unknown) => {
      failure ??= { reason };
      wake();
    },
    take: async (): Promise<T> => {
      for (;;) {
        if (failure) throw failure.reason;
        if (content) {
          const { value } = content;
          content = undefined;
          return value;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
