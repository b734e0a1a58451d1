/**
 * What a killed Pulumi may have left half done: creations whose end it did not see ("pending creates"). The program's
 * resources adopt by natural key, so an `up` that ends well has found or made each of them; then the notes can go.
 */
import { lostCreates, pendingCreates, withoutPending, type PendingOperation } from "./deployment.ts";
import { consent, type Session } from "./session.ts";

/**
 * Finds out about creations that no resource of the program will adopt, and undoes them or takes note; returns those that
 * are settled, so that Pulumi may forget them.
 */
export type SettleLost = (lost: PendingOperation[]) => Promise<PendingOperation[]>;

const settleNone: SettleLost = () => Promise.resolve([]);

/** After an `up` that ended well. Pulumi can only forget all pending creates or none. */
export async function forgetAdopted(session: Session, settleLost = settleNone): Promise<void> {
  const state = session.export();
  const pending = pendingCreates(state);
  if (pending.length === 0) return;
  const lost = lostCreates(state);
  const settled = lost.length === 0 ? [] : await settleLost(lost);
  const open = lost.filter((operation) => !settled.includes(operation));
  if (open.length > 0) {
    console.log(`Interrupted creations that the program no longer declares; look for them in MAAS:\n${listed(open)}`);
    return;
  }
  session.import(withoutPending(state));
  console.log(`Adopted what an interrupted run had begun:\n${listed(pending)}`);
}

/**
 * Before a destroy, which knows only what is in the state: an `up` first, that takes what was begun into the state. Else a
 * machine that was allocated in the last moment before a crash would stay allocated for ever.
 */
export async function adoptBeforeDestroy(session: Session): Promise<number> {
  const pending = pendingCreates(session.export());
  if (pending.length === 0) return 0;
  console.log(
    `A run was interrupted while creating; first an \`up\`, so that nothing it made is left behind:\n${listed(pending)}`,
  );
  const code = await session.pulumi(["up", ...consent(session)]);
  if (code === 0) await forgetAdopted(session);
  return code;
}

const listed = (operations: PendingOperation[]): string =>
  operations.map(({ resource }) => `  ${resource.urn.split("::").slice(2).join(" ")}`).join("\n");
