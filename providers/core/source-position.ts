/**
 * The SDK notes with each resource where the program declared it, as the whole stack of calls: 0.8 KB a resource, most of
 * it the SDK's own. One line is enough, and it should be the line of the person who wrote `new Machine(...)`, not ours.
 *
 * `Resource.stackTrace` is the SDK's own and not in its types; should it go or change, the notes just become long again.
 */
import { Resource } from "@pulumi/pulumi/resource.js";

// The SDK takes a stack trace for every promise, and its runner has each translated by source maps: half of the time of a
// large program. Node runs our sources as they are written, so there is nothing to translate; and the innermost lines will do.
Error.prepareStackTrace = undefined as unknown as NonNullable<typeof Error.prepareStackTrace>;
Error.stackTraceLimit = 5;

type StackTrace = (skip: number) => unknown[];

const sdk = Resource as unknown as { stackTrace?: StackTrace };
const whole = sdk.stackTrace;
/** Constructors between the SDK's and the person's line. */
let between = 0;

if (typeof whole === "function") {
  // One more to skip: this function itself.
  sdk.stackTrace = (skip) => whole.call(Resource, skip + 1 + between).slice(0, 1);
}

/** From here to `leave` a resource of ours is constructed, with this many constructors of our own. */
export function enter(constructors: number): void {
  between = constructors;
}

export function leave(): void {
  between = 0;
}
