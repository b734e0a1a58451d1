/** Recorded scenarios of a real MAAS, one JSON record a line (test/fixtures/maas/transcripts). */
import { readFileSync } from "node:fs";
import type { Json } from "../maas/state.ts";

type Pairs = [name: string, value: string][];

export interface RequestRecord {
  kind: "request";
  /** `admin`, `user`, `anonymous`, `badkey`, or a key that an earlier answer gave (`$key1`). */
  as: string;
  method: string;
  /** Below /api/2.0/, or with a leading slash below the base URL. */
  path: string;
  query?: Pairs;
  /** null: no body. */
  form?: Pairs | null;
  encoding?: "multipart";
  /** A literal body. */
  raw?: string;
  raw_type?: string;
  /** How the OAuth header is spoilt. */
  auth?: string;
  seconds?: number;
  /** A literal Authorization header. */
  authorization?: string;
  status: number;
  content_type: string | null;
  retry_after?: string | null;
  headers?: Record<string, string>;
  body: Json;
  compare?: "full" | "shape" | "status" | "sections";
  /** With `sections`: the top-level YAML blocks that are looked at. */
  sections?: string[];
}

export interface BootRecord {
  kind: "boot";
  machine: string;
  outcome: string;
  ip?: string;
}

export type TranscriptRecord = RequestRecord | BootRecord | { kind: "note" };

export function readTranscript(file: string): TranscriptRecord[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as TranscriptRecord);
}
