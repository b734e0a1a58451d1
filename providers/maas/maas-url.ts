/** Where MAAS is and with which key, as a person writes them. */
import { ProviderError } from "../core/errors.ts";

const EXAMPLE = "write it as http://HOST:5240/MAAS";

/**
 * The address of a MAAS without a slash at its end: `http://172.16.0.3:5240/MAAS`. Forgives what is pasted from a
 * browser or from `maas login`: nothing behind the host, a slash, `/MAAS/api/2.0/`, `/MAAS/r/machines`.
 */
export function parseMaasUrl(text: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url && (url.username !== "" || url.password !== "")) {
    throw new ProviderError(
      "bad-input",
      `The MAAS URL has a user or password in it; ${EXAMPLE} and set the key apart.`,
    );
  }
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new ProviderError("bad-input", `The MAAS URL "${text}" is not a URL; ${EXAMPLE}.`);
  }
  const path = /^(.*?\/MAAS)(\/.*)?$/.exec(url.pathname)?.[1];
  if (path === undefined && !/^\/*$/.test(url.pathname)) {
    throw new ProviderError("bad-input", `The MAAS URL "${text}" has no /MAAS in its path; ${EXAMPLE}.`);
  }
  return `${url.origin}${path ?? "/MAAS"}`;
}

export interface ApiKey {
  consumer: string;
  token: string;
  secret: string;
}

/** A key as MAAS's web page and `maas apikey` print it: `consumer:token:secret`. Never quoted in the message. */
export function parseApiKey(text: string): ApiKey {
  const [consumer, token, secret, ...more] = text.trim().split(":");
  if (!consumer || !token || !secret || more.length > 0) {
    const seen = text.trim() === "" ? "it is empty" : `it has ${String(text.trim().split(":").length)} parts`;
    throw new ProviderError(
      "bad-key",
      `A MAAS API key is three parts with colons between them; ${seen}. ` +
        "Copy it whole from MAAS's web page (your user, API keys) or from `maas apikey`.",
    );
  }
  return { consumer, token, secret };
}
