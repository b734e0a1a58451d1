/**
 * What a killed Pulumi may have left half done: creations whose end it did not see ("pending creates"). The engine never
 * looks for them; it keeps the note for ever. Here the resources' own code looks (`leftBehind`: by MAC address, by mark).
 */
import { lostCreates, pendingCreates, settled, type PendingOperation, type StateResource } from "./deployment.ts";
import { configOf } from "./config.ts";
import { consent, type Session } from "./session.ts";

/**
 * After an `up` that ended well: what the program declares was found or made, so those notes can go. What it does not
 * declare any more is taken into the state, and a second `up` removes it. Returns that one's exit code.
 */
export async function forgetAdopted(session: Session): Promise<number> {
  const state = session.export();
  const pending = pendingCreates(state);
  if (pending.length === 0) return 0;
  const found = await findLeftBehind(session, lostCreates(state));
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
export async function adoptPending(session: Session): Promise<void> {
  const state = session.export();
  const pending = pendingCreates(state);
  if (pending.length === 0) return;
  const found = await findLeftBehind(session, pending);
  session.import(settled(state, found));
  console.log(
    `A run was interrupted while creating:\n${listed(pending)}\nOf these ${String(found.length)} were made; they go too.`,
  );
}

async function findLeftBehind(session: Session, pending: PendingOperation[]): Promise<StateResource[]> {
  if (pending.length === 0) return [];
  // Loaded only after a crash: it brings all of the client.
  const { provider } = await import("../../providers/runtime.ts");
  const config = configOf(session);
  // One answer for several notes of the same thing: each crash in a row leaves one.
  const byUrn = new Map(pending.map(({ resource }) => [resource.urn, resource]));
  const found = await Promise.all(
    [...byUrn.values()].map(async (resource) => {
      const kind = resource.type.split("dynamic/")[1];
      if (kind === undefined) return undefined;
      const kindProvider = provider(kind);
      kindProvider.configure({ config });
      const left = await kindProvider.leftBehind(resource.inputs ?? {});
      return left && { ...resource, id: left.id, outputs: left.outs };
    }),
  );
  return found.filter((resource) => resource !== undefined);
}

const listed = (operations: PendingOperation[]): string =>
  operations.map(({ resource }) => `  ${resource.urn.split("::").slice(2).join(" ")}`).join("\n");
