/** The key a machine talks to MAAS with: made when it fetches its preseed or is deployed, gone when its owner changes. */
import { randomBytes } from "node:crypto";
import type { Machine, NodeToken } from "./machine-state.ts";

const randomKey = (bytes: number): string => randomBytes(bytes).toString("hex");

export const nodeToken = (machine: Machine): NodeToken =>
  (machine.token ??= { consumerKey: randomKey(9), key: randomKey(9), secret: randomKey(16) });
