/**
 * The base of every resource: a Pulumi dynamic resource whose provider is one constant line of text. Nothing is
 * serialised; the code that runs is the code on disk, so an edit of a provider is never a diff.
 */
import type { CustomResourceOptions, Inputs } from "@pulumi/pulumi";
// Not from "@pulumi/pulumi": its index loads the closure serialiser, a compiler and npm with it, for 0.7 s a run.
import { createUrn, CustomResource } from "@pulumi/pulumi/resource.js";
import { expectRegistration } from "./guard.ts";
import { providerText } from "./provider-text.ts";
import { enter, leave } from "./source-position.ts";

export abstract class DynamicResource extends CustomResource {
  /**
   * @param kind module and type, e.g. "maas:Machine"
   * @param args the inputs
   * @param outputs names of the outputs that are no inputs; an output exists only if it is named here
   */
  constructor(kind: string, name: string, args: Inputs, outputs: readonly string[], options?: CustomResourceOptions) {
    const type = `pulumi-nodejs:dynamic/${kind}`;
    // The provider needs the URN for progress lines and for the ownership mark. It must be a promise: as an output of
    // the parent it would make a resource inside a component wait for itself (engine trap 1).
    const urn = new Promise<string>((resolve) => {
      createUrn(name, type, options?.parent).apply(resolve);
    });
    const blanks = Object.fromEntries(outputs.map((output) => [output, undefined]));
    // This one's; the SDK expects the class of the resource itself right below the person's line.
    enter(1);
    super(type, name, { ...blanks, ...args, __urn: urn, __provider: providerText(kind) }, options);
    leave();
    expectRegistration(name, this.urn);
  }
}
