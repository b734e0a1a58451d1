/**
 * What a crash may have left half done: creations whose end nobody saw. A killed Pulumi has them in its state ("pending
 * creates"), where the engine never looks for them and keeps the note for ever; those of a killed provider process it
 * forgets, so that one keeps a journal. Here the resources' own code looks (`leftBehind`: by MAC address, by mark).
 */
import { join } from "node:path";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { Journal, type Begun } from "../../providers/core/journal.ts";
import type { ConfigReader } from "../../providers/core/settings.ts";
import { projectState } from "../project.ts";
import {
  lostCreates,
  pendingCreates,
  settled,
  type ExportedStack,
  type PendingOperation,
  type StateResource,
} from "./deployment.ts";
import { configOf } from "./config.ts";
import { consent, type Session } from "./session.ts";

/**
 * After an `up` that ended well: what the program declares was found or made, so those notes can go. What it does not
 * declare any more is taken into the state, and a second `up` removes it. Returns that one's exit code.
 */
export async function forgetAdopted(session: Session, journal = journalOf(session)): Promise<number> {
  const state = session.export();
  await giveBackForgotten(session, state, journal);
  const pending = pendingCreates(state);
  if (pending.length === 0) return 0;
  const found = await findLeftBehind(session, lostCreates(state), journal);
  session.import(settled(state, found));
  console.log(`Settled what an interrupted run had begun:\n${listed(pending)}`);
  if (found.length === 0) return 0;
  console.log("Some of it the program no longer declares; removing that.");
  return session.pulumi(["up", ...consent(session)]);
}

/**
 * Before a destroy, which gives back only what is in the state: what was begun is taken into it. Otherwise a machine that
 * was allocated in the last moment before a crash would stay allocated for ever.
 */
export async function adoptPending(session: Session, journal = journalOf(session)): Promise<void> {
  const state = session.export();
  const pending = pendingCreates(state);
  if (pending.length === 0) {
    await giveBackForgotten(session, state, journal);
    return;
  }
  const found = await findLeftBehind(session, pending, journal);
  const adopted = settled(state, found);
  session.import(adopted);
  console.log(
    `A run was interrupted while creating:\n${listed(pending)}\nOf these ${String(found.length)} were made; they go too.`,
  );
  await giveBackForgotten(session, adopted, journal);
}

/**
 * Gives back what the journal has and the state does not: nothing else would ever find it. The last that was begun goes
 * first, since it may rest on those before it.
 */
async function giveBackForgotten(session: Session, state: ExportedStack, journal: Journal): Promise<void> {
  const known = new Set([
    ...(state.deployment.resources ?? []).filter((known) => known.pendingReplacement !== true).map(({ urn }) => urn),
    ...pendingCreates(state).map(({ resource }) => resource.urn),
  ]);
  const begun = journal.begun(session.stack);
  const forgotten = begun.filter(({ urn }) => !known.has(urn));
  for (const { kind, entries } of byKind(forgotten)) {
    const kindProvider = await configured(kind, configOf(session), journal);
    await Promise.all(
      entries.map(async ({ urn, inputs }) => {
        const left = await kindProvider.leftBehind(inputs);
        if (!left) return;
        console.log(`Giving back what an interrupted run had begun: ${shortName(urn)}`);
        await kindProvider.delete(left.id, left.outs);
      }),
    );
  }
  // Given back, or safe in the state. What is still pending may yet be created once more.
  const pending = new Set(pendingCreates(state).map(({ resource }) => resource.urn));
  for (const { urn, backend } of begun) if (!pending.has(urn)) journal.forget(urn, backend);
}

const journalOf = ({ environment }: Session): Journal =>
  new Journal(join(projectState, "begun"), environment["PULUMI_BACKEND_URL"]);

function byKind(begun: Begun[]): { kind: string; entries: Begun[] }[] {
  const groups = Map.groupBy(begun, ({ urn }) => kindOf(urn.split("::")[2] ?? "") ?? "");
  groups.delete("");
  return [...groups].map(([kind, entries]) => ({ kind, entries }));
}

async function findLeftBehind(
  session: Session,
  pending: PendingOperation[],
  journal: Journal,
): Promise<StateResource[]> {
  if (pending.length === 0) return [];
  const config = configOf(session);
  // One answer for several notes of the same thing: each crash in a row leaves one.
  const byUrn = new Map(pending.map(({ resource }) => [resource.urn, resource]));
  const found = await Promise.all(
    [...byUrn.values()].map(async (resource) => {
      const kind = kindOf(resource.type);
      if (kind === undefined) return undefined;
      const left = await (await configured(kind, config, journal)).leftBehind(resource.inputs ?? {});
      return left && { ...resource, id: left.id, outputs: left.outs };
    }),
  );
  return found.filter((resource) => resource !== undefined);
}

/** Loaded only after a crash: it brings all of the client. */
async function configured(kind: string, config: ConfigReader, journal: Journal): Promise<DynamicProvider> {
  const { provider } = await import("../../providers/runtime.ts");
  const kindProvider = provider(kind, journal);
  kindProvider.configure({ config });
  return kindProvider;
}

/** "maas:Machine" of a type, also with its parents' before it. */
const kindOf = (type: string): string | undefined => type.split("dynamic/")[1];

const listed = (operations: PendingOperation[]): string =>
  operations.map(({ resource }) => `  ${shortName(resource.urn)}`).join("\n");

const shortName = (urn: string): string => urn.split("::").slice(2).join(" ");
