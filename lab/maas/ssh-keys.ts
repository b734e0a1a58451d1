/** SSH keys of the caller: those that a deployment puts on the host (facts: maas.md 2.17; transcript s20). */
import { caller } from "./caller.ts";
import { requiredMessage } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, json, refusal, text } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type LabState, type SshKey, type User } from "./state.ts";
import { userByName } from "./users.ts";

const keyTypes = [
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-dss",
  "ssh-ed25519",
  "ssh-rsa",
];

const renderKey = (row: SshKey): Record<string, unknown> => ({
  key: row.key,
  keysource: row.keysource ?? "",
  id: row.id,
  resource_uri: `/MAAS/api/2.0/account/prefs/sshkeys/${String(row.id)}/`,
});

const invalid = (reason: string): Error => fieldErrors({ key: [`Invalid SSH public key: ${reason}`] });

/** The key with single blanks between its parts, or MAAS's reason why it is none. */
function normalise(key: string): string {
  const parts = key.trim().split(/\s+/).filter(Boolean);
  const [type, data, ...comment] = parts;
  if (type === undefined || data === undefined)
    throw invalid(
      `Key should contain 2 or more space separated parts (key type, base64-encoded key, optional comments), not ${String(parts.length)}: ${parts.map(shellQuote).join(" ")}`,
    );
  if (!keyTypes.includes(type))
    throw invalid(`Key type ${shellQuote(type)} not recognised; it should be one of: ${keyTypes.join(" ")}`);
  if (!isKeyData(type, data)) throw invalid("Key could not be converted to RFC4716 form.");
  return [type, data, ...comment].join(" ");
}

/** Python's shlex.quote. */
const shellQuote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;

/** Base64 of length-prefixed strings, of which the first is the key's type. */
function isKeyData(type: string, data: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return false;
  const bytes = Buffer.from(data, "base64");
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return false;
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== bytes.length || fields.length < 2 || fields[0]?.toString("latin1") !== type) return false;
  return type !== "ssh-ed25519" || (fields.length === 2 && fields[1]?.length === 32);
}

/** An administrator may name another `user`. */
function ownerOf(call: Call): User {
  const user = caller(call);
  const username = call.form.get("user");
  if (username === undefined) return user;
  if (!user.isSuperuser) throw refusal(400, "Only administrators can specify a user when creating an SSH key.");
  const other = userByName(call.state, username);
  if (!other) throw refusal(400, "Supplied username does not match any current users.");
  return other;
}

function create(call: Call) {
  const { state, form } = call;
  const userId = ownerOf(call).id;
  const given = form.get("key") ?? "";
  if (given === "") throw fieldErrors({ key: [requiredMessage] });
  const key = normalise(given);
  if (hasKey(state, userId, key)) throw fieldErrors({ __all__: ["This key has already been added for this user."] });
  const row = addKey(state, userId, key);
  return json({ key, keysource: null, id: row.id }, 201);
}

const sites: Readonly<Record<string, string>> = { lp: "launchpad", gh: "github" };

/** No site of keys can be asked: nobody is known there. */
function importKeys({ form }: Call): never {
  const source = form.get("keysource");
  if (source === undefined)
    throw refusal(400, "Importing SSH keys failed. Input needs to be in protocol:auth_id or auth_id format.");
  const [protocol, name] = source.includes(":") ? source.split(":", 2) : ["lp", source];
  const site = sites[protocol ?? ""];
  if (site === undefined) throw fieldErrors({ protocol: [`Value '${protocol ?? ""}' is not a valid choice.`] });
  throw refusal(400, `Unable to import SSH keys. ${site} user ${name ?? ""} doesn't exist.`);
}

export const hasKey = (state: LabState, userId: number, key: string): boolean =>
  Object.values(state.sshKeys).some((row) => row.userId === userId && row.key === key && row.keysource === null);

/** @param key normalised, and new to this user */
export function addKey(state: LabState, userId: number, key: string): SshKey {
  const row: SshKey = { id: nextId(state, "sshKey"), userId, key, keysource: null };
  state.sshKeys[row.id] = row;
  return row;
}

function list(call: Call) {
  const user = caller(call);
  return json(
    Object.values(call.state.sshKeys)
      .filter((row) => row.userId === user.id)
      .map(renderKey),
  );
}

const keyOr404 = (call: Call): SshKey => rowOr404(call.state.sshKeys, call.params["id"] ?? "", "SSHKey");

function remove(call: Call) {
  const row = keyOr404(call);
  if (row.userId !== caller(call).id) return text("Can't delete a key you don't own.", 403);
  Reflect.deleteProperty(call.state.sshKeys, row.id);
  return deleted();
}

const collection = "account/prefs/sshkeys/";

export const sshKeyOperations: Operation[] = [
  { method: "GET", path: collection, access: "user", handle: list },
  { method: "POST", path: collection, access: "user", handle: create },
  { method: "POST", path: collection, op: "import", access: "user", handle: importKeys },
  { method: "GET", path: `${collection}:id/`, access: "user", handle: (call) => json(renderKey(keyOr404(call))) },
  { method: "DELETE", path: `${collection}:id/`, access: "user", handle: remove },
];
