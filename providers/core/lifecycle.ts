/**
 * What a kind of resource is to the core: rules for its inputs and seven verbs. The services (a MAAS client, say) come
 * with the context, so that a life cycle is a plain object that tests can call.
 */
import type { Changes } from "./changes.ts";
import type { Check } from "./check.ts";
import type { Clock } from "./clock.ts";

/** Inputs as they were written: any of them may be missing, or a text that marks it as not known yet (unknown.ts). */
export type Written<Inputs> = { [Key in keyof Inputs]?: Inputs[Key] | string };

export interface Context<Services> {
  services: Services;
  clock: Clock;
  /** The resource's URN; empty where the engine did not tell it (an import, an old state). */
  urn: string;
  /** Says what is being done, for how long already and for how long yet; replaces the line before. */
  progress(text: string): void;
  /**
   * The before-picture of a thing that is about to be changed or made: what `delete` gives back. Called in `create`,
   * before its first write; kept on disk over a crash, so that the next `create` of this resource gets the first picture
   * back instead of one of its own half-done work. Belongs into the state, so keep it small.
   *
   * @param thing what the picture is of, by its natural key, e.g. "172.16.0.0/20"
   * @param found e.g. `{ adopted: true, gateway_ip: "" }`, or `{ adopted: false }` for what was not there
   */
  before<Found extends object>(thing: string, found: Found): Found;
  /** Takes a before-picture back: after all nothing was made or changed, so what is found next time is not our work. */
  retract(thing: string): void;
  /** The before-picture that an interrupted `create` has left, for `leftBehind`: undefined when nothing had begun. */
  recorded(thing: string): object | undefined;
  /** Tells something that must stay on the screen after the run. */
  warn(text: string): void;
  /**
   * Names the thing as soon as it exists. From here on a failure leaves it in the state, and the next `up` calls
   * `update`, which goes on from what it finds.
   */
  created(id: string, state: object): void;
}

export interface Lifecycle<Services, Inputs extends object, State extends Inputs> {
  /** Exhaustive by type: an input without a rule does not compile. */
  changes: Changes<Inputs>;
  /** True where old and new cannot exist side by side (the same machine, the same name). */
  deleteBeforeReplace: boolean;
  /** Inputs with defaults filled in and spellings made equal; called before `check`. */
  normalise?(inputs: Written<Inputs>): Written<Inputs>;
  check(check: Check, context: Pick<Context<Services>, "services" | "urn" | "warn">): void | Promise<void>;
  create(context: Context<Services>, inputs: Inputs): Promise<{ id: string; state: State }>;
  /**
   * What an interrupted `create` with these inputs left behind, or undefined when it left nothing of ours. Only looks.
   * Without it nothing is ever left: a create that makes nothing outside the state.
   */
  leftBehind?(context: Context<Services>, inputs: Inputs): Promise<{ id: string; state: State } | undefined>;
  /**
   * Whether a machine is at work that a `redeploy` change would have to release first. Asked only when such an input
   * changed; taken for true when it cannot be told. Needed by every kind with such a rule.
   */
  inUse?(context: Context<Services>, state: State): Promise<boolean>;
  /** The thing as it is now, or undefined when it is gone (or not ours any more). */
  read(context: Context<Services>, id: string, state: State): Promise<State | undefined>;
  /** Also called after a `create` that failed half way, with the same inputs. */
  update(context: Context<Services>, id: string, old: State, inputs: Inputs): Promise<State>;
  delete(context: Context<Services>, id: string, state: State): Promise<void>;
}
