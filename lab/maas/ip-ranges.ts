/** Dynamic and reserved ranges (facts: maas.md 2.12; transcript s08). */
import { bestSubnetFor, freeRanges, networkOf, type AddressRange } from "./address-ranges.ts";
import { caller } from "./caller.ts";
import { FormErrors, invalidChoice, readText, requiredMessage } from "./form.ts";
import { contains, formatIp, parseIp, type IpAddress } from "./ip-address.ts";
import type { IpRange, Subnet } from "./network-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, fieldErrors, json, refusal } from "./reply.ts";
import { isId, rowOr404 } from "./specifier.ts";
import { nextId, type LabState, type User } from "./state.ts";
import { renderSubnet } from "./subnets.ts";
import { renderUser, userByName } from "./users.ts";

function renderRange(state: LabState, range: IpRange): Record<string, unknown> {
  const subnet = state.subnets[range.subnetId];
  const user = range.userId === null ? undefined : state.users[range.userId];
  return {
    subnet: subnet ? renderSubnet(state, subnet) : null,
    type: range.type,
    start_ip: range.startIp,
    end_ip: range.endIp,
    user: user ? renderUser(user) : null,
    comment: range.comment,
    id: range.id,
    resource_uri: `/MAAS/api/2.0/ipranges/${String(range.id)}/`,
  };
}

function readRange(state: LabState, form: Fields, current: IpRange | undefined, user: User): Omit<IpRange, "id"> {
  const errors = new FormErrors();
  const subnet = readSubnet(state, form, errors, current);
  const type = readType(form, errors, current);
  const start = readAddress(form, errors, "start_ip", current?.startIp);
  const end = readAddress(form, errors, "end_ip", current?.endIp);
  const comment = readText(form, errors, "comment", { current: current?.comment, max: 255 });
  checkRange(state, errors, { subnet, type, start, end, current });
  errors.throwIfAny();
  if (!subnet || !type || !start || !end) throw fieldErrors({});
  return {
    type,
    startIp: formatIp(start),
    endIp: formatIp(end),
    subnetId: subnet.id,
    comment,
    userId: current ? ownerAfter(state, form, current) : user.id,
  };
}

/** An update may hand the range to another user. */
function ownerAfter(state: LabState, form: Fields, current: IpRange): number | null {
  const username = form.get("user");
  if (username === undefined || username === "") return current.userId;
  const owner = userByName(state, username);
  if (!owner) throw fieldErrors({ user: [invalidChoice] });
  return owner.id;
}

/** By id only. On creation the subnet around start_ip is taken when none is named. */
function readSubnet(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  current: IpRange | undefined,
): Subnet | undefined {
  const text = form.get("subnet");
  if (text === undefined && current) return state.subnets[current.subnetId];
  const start = form.get("start_ip");
  if (text === undefined && start !== undefined) {
    if (!parseIp(start)) throw refusal(500, `failed to detect a valid IP address from '${start}'`);
    const found = bestSubnetFor(state, start);
    if (!found) errors.add("subnet", requiredMessage);
    return found;
  }
  if (text === undefined || text === "") {
    errors.add("subnet", requiredMessage);
    return undefined;
  }
  const subnet = isId(text) ? state.subnets[Number(text)] : undefined;
  if (!subnet) errors.add("subnet", invalidChoice);
  return subnet;
}

function readType(form: Fields, errors: FormErrors, current: IpRange | undefined): IpRange["type"] | undefined {
  const text = form.get("type") ?? current?.type ?? "";
  if (text === "dynamic" || text === "reserved") return text;
  errors.add(
    "type",
    text === "" ? requiredMessage : `Select a valid choice. ${text} is not one of the available choices.`,
  );
  return undefined;
}

function readAddress(
  form: Fields,
  errors: FormErrors,
  name: string,
  current: string | undefined,
): IpAddress | undefined {
  const text = (form.get(name) ?? current ?? "").trim();
  if (text === "") errors.add(name, requiredMessage);
  const ip = parseIp(text);
  if (text !== "" && !ip) errors.add(name, "Enter a valid IPv4 or IPv6 address.");
  return ip;
}

interface Wanted {
  subnet: Subnet | undefined;
  type: IpRange["type"] | undefined;
  start: IpAddress | undefined;
  end: IpAddress | undefined;
  current: IpRange | undefined;
}

/** One finding at a time, as MAAS's model does. */
function checkRange(state: LabState, errors: FormErrors, { subnet, type, start, end, current }: Wanted): void {
  const fail = (message: string, fields = ["start_ip", "end_ip"]): void => {
    for (const field of fields) errors.add(field, message);
  };
  if (!start || !end) {
    fail("Start IP address and end IP address are both required.");
    return;
  }
  if (start.version !== end.version) {
    fail("Start IP address and end IP address must be in the same address family.");
    return;
  }
  if (end.value < start.value) {
    fail("End IP address must not be less than Start IP address.", ["end_ip"]);
    return;
  }
  if (!subnet) return;
  const network = networkOf(subnet);
  const [hasStart, hasEnd] = [contains(network, start), contains(network, end)];
  if (!hasStart && !hasEnd) fail(`IP addresses must be within subnet: ${subnet.cidr}.`);
  else if (!hasStart) fail(`Start IP address must be within subnet: ${subnet.cidr}.`, ["start_ip"]);
  else if (!hasEnd) fail(`End IP address must be within subnet: ${subnet.cidr}.`, ["end_ip"]);
  else if (start.value === network.first)
    fail("Reserved network address cannot be included in IP range.", ["start_ip"]);
  else if (network.version === 4 && end.value === network.last)
    fail("Broadcast address cannot be included in IP range.", ["end_ip"]);
  else if (start.version === 6 && type === "dynamic" && end.value - start.value < 255n)
    fail("IPv6 dynamic range must be at least 256 addresses in size.");
  else if (type) checkOverlap(freeFor(state, subnet, type, current), type, start, end, fail);
}

/** A dynamic range may cover no used address at all, a reserved one only no other range. */
const freeFor = (state: LabState, subnet: Subnet, type: IpRange["type"], except: IpRange | undefined): AddressRange[] =>
  freeRanges(state, subnet, type === "reserved" ? { rangesOnly: true, except } : { ignoreDiscovered: true, except });

function checkOverlap(
  free: AddressRange[],
  type: IpRange["type"],
  start: IpAddress,
  end: IpAddress,
  fail: (message: string) => void,
): void {
  if (free.length === 0) {
    fail(`There is no room for any ${type} ranges on this subnet.`);
    return;
  }
  if (free.some((range) => range.first <= start.value && end.value <= range.last)) return;
  const other = type === "reserved" ? "range" : "IP address or range";
  fail(`Requested ${type} range conflicts with an existing ${other}.`);
}

const rangeOr404 = (call: Call): IpRange => rowOr404(call.state.ipRanges, call.params["id"] ?? "", "IPRange");

function ownRange(call: Call): IpRange {
  const range = rangeOr404(call);
  const user = caller(call);
  if (!user.isSuperuser && range.userId !== user.id)
    throw refusal(403, "Unable to modify IP range. You don't own the IP range.");
  return range;
}

function create(call: Call) {
  const { state, form } = call;
  const user = caller(call);
  if (form.get("type") === "dynamic" && !user.isSuperuser)
    throw refusal(403, "Unable to create dynamic IP range. You don't have sufficient privileges.");
  const fields = readRange(state, form, undefined, user);
  const range: IpRange = { id: nextId(state, "ipRange"), ...fields };
  state.ipRanges[range.id] = range;
  return json(renderRange(state, range));
}

function update(call: Call) {
  const range = ownRange(call);
  Object.assign(range, readRange(call.state, call.form, range, caller(call)));
  return json(renderRange(call.state, range));
}

function remove(call: Call) {
  Reflect.deleteProperty(call.state.ipRanges, ownRange(call).id);
  return deleted();
}

export const ipRangeOperations: Operation[] = [
  {
    method: "GET",
    path: "ipranges/",
    access: "user",
    handle: ({ state }) => json(Object.values(state.ipRanges).map((range) => renderRange(state, range))),
  },
  { method: "POST", path: "ipranges/", access: "user", handle: create },
  {
    method: "GET",
    path: "ipranges/:id/",
    access: "user",
    handle: (call) => json(renderRange(call.state, rangeOr404(call))),
  },
  { method: "PUT", path: "ipranges/:id/", access: "user", handle: update },
  { method: "DELETE", path: "ipranges/:id/", access: "user", handle: remove },
];
