/** Metalform: from MAC and AMT address to running applications. Config says which (Pulumi.dev.yaml is the lab's). */
import { output } from "@pulumi/pulumi/output.js";
import { rackConfig } from "./stacks/config.ts";
import { feasible, settles } from "./stacks/feasibility/ask.ts";
import { Rack } from "./stacks/rack.ts";
import { web } from "./stacks/web/web.ts";

const config = rackConfig();
await feasible(config);
const rack = new Rack("rack", config);
const site = web(config, rack);
settles(config, output(rack.machines));

export const machines = rack.machines;
export const notes = rack.notes;
export const topology = site?.topology;
export const url = site?.url;
export const databasePassword = site?.databasePassword;
export const secretKey = site?.secretKey;
