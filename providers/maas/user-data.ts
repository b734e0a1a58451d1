/** Cloud-init user-data: the person's own text, and the SSH keys of this machine beside it. */

/** undefined when there is nothing to say. Both together become one MIME archive, which cloud-init takes apart. */
export function userData(text: string | undefined, sshKeys: readonly string[]): string | undefined {
  if (sshKeys.length === 0) return text;
  const keys = `#cloud-config\nssh_authorized_keys:\n${sshKeys.map((key) => `  - ${JSON.stringify(key)}\n`).join("")}`;
  if (text === undefined) return keys;
  const boundary = "metalform-part";
  const parts = [
    // The keys are added to those of the person's own text instead of taking their place.
    `Content-Type: text/cloud-config\nMerge-Type: list(append)+dict(recurse_list)+str()\n\n${keys}`,
    text.startsWith("Content-Type:") || text.startsWith("MIME-Version:")
      ? text
      : `Content-Type: ${typeOf(text)}\n\n${text}`,
  ];
  const body = parts.map((part) => `--${boundary}\n${part}\n`).join("");
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n\n${body}--${boundary}--\n`;
}

/** cloud-init tells its formats by their first line. */
const typeOf = (text: string): string => (text.startsWith("#!") ? "text/x-shellscript" : "text/cloud-config");

/** What is wrong with a text that should be a public SSH key; the key itself is not repeated. */
export const sshKeyProblem = (key: string): string | undefined =>
  /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]+=*( .*)?$/.test(key)
    ? undefined
    : 'is not a public SSH key; write the line of your key\'s .pub file, for example "ssh-ed25519 AAAA... you@laptop"';

/** What is wrong with user-data as text. */
export const userDataProblem = (text: string): string | undefined =>
  text.startsWith("#") || text.startsWith("Content-Type:") || text.startsWith("MIME-Version:")
    ? undefined
    : 'must begin with "#cloud-config", "#!" or a MIME header: cloud-init ignores anything else (and do not encode it)';
