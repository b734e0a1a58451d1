/** The recorded scenarios, and which of them the lab claims to answer alike, every record. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const transcriptDirectory = fileURLToPath(new URL("../../test/fixtures/maas/transcripts/", import.meta.url));

export const claimed: readonly string[] = [
  "s01-discovery.jsonl",
  "s02-enlist.jsonl",
  "s03-commission-ok.jsonl",
  "s05-tags.jsonl",
  "s07-subnets.jsonl",
  "s08-vlans.jsonl",
  "s10-links.jsonl",
  "s11-ovs-permanent.jsonl",
  "s12-ovs-acquired.jsonl",
  "s14-allocate.jsonl",
  "s15-deploy.jsonl",
  "s17-release.jsonl",
  "s20-users-keys.jsonl",
  "s21-auth-protocol.jsonl",
  "s23-dns-ip.jsonl",
];

export const allTranscripts = (): string[] =>
  readdirSync(transcriptDirectory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(transcriptDirectory, name));
