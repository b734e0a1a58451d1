/** Metalform: from MAC and AMT address to running machines. Config says which (Pulumi.dev.yaml is the lab's). */
import { output } from "@pulumi/pulumi/output.js";
import { rackConfig } from "./stacks/config.ts";
import { feasible, settles } from "./stacks/feasibility/ask.ts";
import { Rack } from "./stacks/rack.ts";

const config = rackConfig();
await feasible(config);
const rack = new Rack("rack", config);
settles(config, output(rack.machines));

export const machines = rack.machines;
