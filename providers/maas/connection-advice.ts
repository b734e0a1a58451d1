/** When no answer came: what was tried, and what to check. */

export interface ConnectionAdvice {
  advice: string;
  /** MAAS may have got the request: the answer is lost, not the request. */
  reached: boolean;
  /** It may be better in a moment. */
  transient: boolean;
}

const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const WHERE = "Check the MAAS URL (maasUrl, or METALFORM_MAAS_URL in the environment)";

export function connectionAdvice(failure: unknown, url: string): ConnectionAdvice {
  const code = codeOf(failure);
  const { host, hostname, protocol } = new URL(url);
  const before = (advice: string, transient = false): ConnectionAdvice => ({ advice, reached: false, transient });
  const lost = (advice: string): ConnectionAdvice => ({ advice, reached: true, transient: true });

  switch (code) {
    case "ECONNREFUSED":
      return before(`Nothing listens at ${host} (connection refused to ${url}). Is MAAS running? ${WHERE}.`, true);
    case "ENOTFOUND":
      return before(`There is no host "${hostname}" (no address found for ${url}). ${WHERE}.`);
    case "EAI_AGAIN":
      return before(`The name "${hostname}" cannot be looked up now (${url}). Check this computer's DNS.`, true);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EADDRNOTAVAIL":
      return before(
        `There is no way to ${hostname} from here (${code}, ${url}). Check network and routes. ${WHERE}.`,
        true,
      );
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return before(`${host} does not answer (no connection to ${url}). Check network and firewall. ${WHERE}.`, true);
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return before(
        `The certificate of ${url} is for other names than "${hostname}". Use a name that is in it. ${WHERE}.`,
      );
    case "CERT_HAS_EXPIRED":
      return before(`The certificate of ${url} has expired, or this computer's clock is wrong. Renew it in MAAS.`);
    case "CERT_NOT_YET_VALID":
      return before(`The certificate of ${url} is not valid yet: this computer's clock is wrong, or MAAS's was.`);
    case "EPROTO":
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
      return protocol === "https:"
        ? before(
            `${host} does not speak https. Set the MAAS URL to ${url.replace("https:", "http:")} or the right port.`,
          )
        : before(`${host} does not speak http. ${WHERE}.`);
    case "TIMEOUT":
      return lost(`MAAS at ${url} took the request and gave ${textOf(failure)}.`);
    case "ABORTED":
      return { advice: "The request to MAAS was given up.", reached: true, transient: false };
    default:
      if (code !== undefined && UNTRUSTED.has(code)) {
        return before(
          `The certificate of ${url} is signed by nobody this computer trusts (${code}). Name the file with MAAS's CA ` +
            "certificate: maasCa, or NODE_EXTRA_CA_CERTS in the environment.",
        );
      }
      if (code?.startsWith("HPE_") === true) {
        return before(`${host} does not speak http. If MAAS has TLS on, the URL begins with https. ${WHERE}.`);
      }
      return lost(`The connection to MAAS at ${url} broke${code === undefined ? "" : ` (${code})`}.`);
  }
}

const codeOf = (failure: unknown): string | undefined =>
  failure instanceof Error && "code" in failure && typeof failure.code === "string" ? failure.code : undefined;

const textOf = (failure: unknown): string => (failure instanceof Error ? failure.message : "no answer");
