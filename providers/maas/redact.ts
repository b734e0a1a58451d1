/** Takes secrets out of texts that MAAS or the network gave us, before they become messages. */
import type { Operation } from "./operation.ts";
import type { ApiKey } from "./maas-url.ts";

const SECRET_NAMES = /pass|secret|token|user_data|credential/i;
const SHORT = 4;

export function secretsOf(operation: Operation, key: ApiKey | undefined): string[] {
  const sent = Object.entries(operation.form ?? {})
    .filter(([name]) => SECRET_NAMES.test(name) && name !== "power_parameters_skip_check")
    .flatMap(([, value]) => (value === undefined || typeof value === "boolean" ? [] : [String(value)]));
  return [...sent, ...(key ? [key.secret, key.token] : [])].filter((secret) => secret !== "");
}

export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  // The longest first, or the rest of one would stay where another is its beginning.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    for (const spelling of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
      // A password of three letters would be found in the middle of words: only whole ones then.
      clean =
        spelling.length >= SHORT
          ? clean.replaceAll(spelling, "***")
          : clean.replace(new RegExp(`(?<![\\w])${spelling.replace(/[^\w]/g, "\\$&")}(?![\\w])`, "g"), "***");
    }
  }
  return clean.replace(/oauth_\w+="[^"]*"/g, "***");
}
