/** MAAS's OAuth 1.0 with PLAINTEXT signatures (facts: maas.md 1.2). */
import OAuth from "oauth-1.0a";
import type { ApiKey } from "./maas-url.ts";

/** Gives a new Authorization header at each call: MAAS refuses a nonce that it has seen. */
export function oauthSigner(key: ApiKey): () => string {
  const oauth = new OAuth({ consumer: { key: key.consumer, secret: "" }, signature_method: "PLAINTEXT" });
  const token = { key: key.token, secret: key.secret };
  // PLAINTEXT signs no part of the request, so none is named.
  return () => oauth.toHeader(oauth.authorize({ url: "", method: "GET" }, token)).Authorization;
}
