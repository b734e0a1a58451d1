/**
 * Takes secrets out of texts that MAAS or the network gave us, before they become messages. Each secret that was ever
 * sent is remembered: a power driver may well print in a failed commissioning the password that enlisting brought.
 */
import type { ApiKey } from "./maas-url.ts";

const SECRET_NAMES = /pass|secret|token|user_data|credential/i;
const SHORT = 4;

export type Redact = (text: string) => string;

export interface Secrets {
  /** Remembers the values whose names say that they are secret. */
  learn(named: Readonly<Record<string, unknown>>): void;
  redact: Redact;
}

export function secretsOf(key: ApiKey): Secrets {
  const known = new Set([key.secret, key.token]);
  return {
    learn: (named) => {
      for (const [name, value] of Object.entries(named)) {
        if (SECRET_NAMES.test(name) && typeof value === "string" && value !== "") known.add(value);
      }
    },
    redact: (text) => redacted(text, known),
  };
}

function redacted(text: string, secrets: Iterable<string>): string {
  let clean = text;
  // The longest first, or the rest of one would stay where another is its beginning.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    for (const spelling of spellings(secret)) {
      // A password of three letters would be found in the middle of words: only whole ones then.
      clean =
        spelling.length >= SHORT
          ? clean.replaceAll(spelling, "***")
          : clean.replace(new RegExp(`(?<![\\w])${spelling.replace(/[^\w]/g, "\\$&")}(?![\\w])`, "g"), "***");
    }
  }
  return clean.replace(/oauth_\w+="[^"]*"/g, "***");
}

/** As it is, in a URL, in a form, in JSON. */
const spellings = (secret: string): Set<string> =>
  new Set([
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ]);
