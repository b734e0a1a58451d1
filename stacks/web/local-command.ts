/**
 * `local.Command` of @pulumi/command, the same resource by the same plugin. Declared here, since that package's class loads all of
 * the SDK's index with it: 0.9 s of every run.
 */
import type { CommandArgs } from "@pulumi/command/local/command.js";
import type { CustomResourceOptions, Inputs, Output } from "@pulumi/pulumi";
import { CustomResource } from "@pulumi/pulumi/resource.js";

/** Of the plugin; the package's own, which a test compares. */
export const commandVersion = "1.2.1";

export class LocalCommand extends CustomResource {
  declare readonly stdout: Output<string>;
  declare readonly stderr: Output<string>;

  constructor(name: string, args: CommandArgs, options?: CustomResourceOptions) {
    const inputs: Inputs = { ...args, stdout: undefined, stderr: undefined };
    super("command:local:Command", name, inputs, {
      version: commandVersion,
      replaceOnChanges: ["triggers[*]"],
      ...options,
    });
  }
}
