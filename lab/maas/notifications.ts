/** Notices to administrators and users; "DHCP is not enabled on any VLAN" comes and goes by itself. */
import { caller } from "./caller.ts";
import { FormErrors, readCheckbox, readText, requiredMessage } from "./form.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, forbidden, json, refusal } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type Json, type LabState, type Notification, type User } from "./state.ts";
import { renderUser } from "./users.ts";

const dhcpIdent = "dhcp_disabled_all_vlans";

export const dhcpMessage =
  "DHCP is not enabled on any VLAN.  This will prevent machines from being able to PXE boot, unless an external DHCP server is being used.";

/** Called whenever a VLAN is saved. */
export function noteDhcp(state: LabState, savedVlanServes: boolean): void {
  const existing = Object.values(state.notifications).filter((notice) => notice.ident === dhcpIdent);
  if (savedVlanServes) {
    for (const notice of existing) Reflect.deleteProperty(state.notifications, notice.id);
    return;
  }
  if (existing.length > 0 || Object.values(state.vlans).some((vlan) => vlan.dhcpOn)) return;
  add(state, { ident: dhcpIdent, admins: true, message: dhcpMessage, category: "warning" });
}

function add(state: LabState, fields: Partial<Notification>): Notification {
  const notice: Notification = {
    id: nextId(state, "notification"),
    ident: null,
    userId: null,
    users: false,
    admins: false,
    message: "",
    context: {},
    category: "info",
    dismissable: true,
    dismissedBy: [],
    ...fields,
  };
  state.notifications[notice.id] = notice;
  return notice;
}

function render(state: LabState, notice: Notification): Record<string, unknown> {
  const user = notice.userId === null ? undefined : state.users[notice.userId];
  return {
    ident: notice.ident,
    user: user ? renderUser(user) : null,
    users: notice.users,
    admins: notice.admins,
    message: notice.message,
    context: notice.context,
    category: notice.category,
    dismissable: notice.dismissable,
    id: notice.id,
    resource_uri: `/MAAS/api/2.0/notifications/${String(notice.id)}/`,
  };
}

const isFor = (notice: Notification, user: User): boolean =>
  notice.userId === user.id || (notice.users && !user.isSuperuser) || (notice.admins && user.isSuperuser);

function list(call: Call) {
  const user = caller(call);
  const seen = Object.values(call.state.notifications).filter(
    (notice) => isFor(notice, user) && !notice.dismissedBy.includes(user.id),
  );
  return json(seen.map((notice) => render(call.state, notice)));
}

const noticeOr404 = (call: Call): Notification =>
  rowOr404(call.state.notifications, call.params["id"] ?? "", "Notification");

function relevant(call: Call): Notification {
  const notice = noticeOr404(call);
  const user = caller(call);
  if (!isFor(notice, user) && !user.isSuperuser) throw forbidden();
  return notice;
}

const categories = ["error", "warning", "success", "info"];

function readNotice(state: LabState, form: Fields, current?: Notification): Partial<Notification> {
  const errors = new FormErrors();
  const message = readText(form, errors, "message", { current: current?.message, required: true });
  const category = readText(form, errors, "category", { current: current?.category }) || "info";
  if (!categories.includes(category))
    errors.add("category", `Select a valid choice. ${category} is not one of the available choices.`);
  const userText = form.get("user") ?? "";
  const user = userText === "" ? undefined : state.users[userText];
  if (userText !== "" && !user)
    errors.add("user", "Select a valid choice. That choice is not one of the available choices.");
  const context = readContext(form, errors, current);
  errors.throwIfAny();
  return {
    ident: form.get("ident") ?? current?.ident ?? null,
    userId: user?.id ?? current?.userId ?? null,
    users: readCheckbox(form, "users", current?.users ?? false),
    admins: readCheckbox(form, "admins", current?.admins ?? false),
    // MAAS knows only "true" here, and an update without the field clears it.
    dismissable: form.has("dismissable") ? form.get("dismissable") === "true" : !current,
    message,
    category,
    context,
  };
}

function readContext(form: Fields, errors: FormErrors, current: Notification | undefined): Json {
  const given = form.get("context");
  if (given === undefined || given === "") return current?.context ?? {};
  try {
    const value: unknown = JSON.parse(given);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
    errors.add("context", "Context is not a mapping.");
  } catch {
    errors.add("context", given.trim() === "" ? requiredMessage : "Enter a valid JSON.");
  }
  return {};
}

function create({ state, form }: Call) {
  return json(render(state, add(state, readNotice(state, form))));
}

function update(call: Call) {
  const notice = noticeOr404(call);
  Object.assign(notice, readNotice(call.state, call.form, notice));
  return json(render(call.state, notice));
}

function remove(call: Call) {
  Reflect.deleteProperty(call.state.notifications, noticeOr404(call).id);
  return deleted();
}

function dismiss(call: Call) {
  const notice = noticeOr404(call);
  const user = caller(call);
  if (!isFor(notice, user)) throw forbidden();
  if (!notice.dismissable) throw refusal(400, "Notification is not dismissable.");
  if (!notice.dismissedBy.includes(user.id)) notice.dismissedBy.push(user.id);
  return json(null);
}

const path = "notifications/:id/";

export const notificationOperations: Operation[] = [
  { method: "GET", path: "notifications/", access: "user", handle: list },
  { method: "POST", path: "notifications/", access: "admin", handle: create },
  { method: "GET", path, access: "user", handle: (call) => json(render(call.state, relevant(call))) },
  { method: "PUT", path, access: "admin", handle: update },
  { method: "DELETE", path, access: "admin", handle: remove },
  { method: "POST", path, op: "dismiss", access: "user", handle: dismiss },
];
