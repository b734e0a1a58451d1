/** Metalform: from MAC and AMT address to running machines. Config says which (Pulumi.dev.yaml is the lab's). */
import { rackConfig } from "./stacks/config.ts";
import { Rack } from "./stacks/rack.ts";

const rack = new Rack("rack", rackConfig());

export const machines = rack.machines;
