/** Where images come from: for administrators alone (facts: maas.md 2.16). */
import { configValue } from "./config.ts";
import { FormErrors, readText, requiredMessage } from "./form.ts";
import { offersOf } from "./image-offer.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, forbidden, json, refusal } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type BootSource, type BootSourceSelection, type LabState } from "./state.ts";
import { isoTime } from "./timestamp.ts";

/** The whole resource is closed to users, with words of its own. */
export function requireSuperuser(call: Call): void {
  if (!call.user?.isSuperuser) throw forbidden("User is not allowed access to this API.");
}

const closed =
  (handle: Operation["handle"]): Operation["handle"] =>
  (call) => {
    requireSuperuser(call);
    return handle(call);
  };

const renderSource = (source: BootSource): Record<string, unknown> => ({
  id: source.id,
  url: source.url,
  keyring_filename: source.keyringFilename,
  keyring_data: source.keyringData,
  created: isoTime(source.created),
  updated: isoTime(source.updated),
  resource_uri: `/MAAS/api/2.0/boot-sources/${String(source.id)}/`,
});

const renderSelection = (selection: BootSourceSelection): Record<string, unknown> => ({
  id: selection.id,
  boot_source_id: selection.bootSourceId,
  os: selection.os,
  release: selection.release,
  arches: selection.arches,
  subarches: selection.subarches,
  labels: selection.labels,
  resource_uri: `/MAAS/api/2.0/boot-sources/${String(selection.bootSourceId)}/selections/${String(selection.id)}/`,
});

function readSource(call: Call, current?: BootSource): Pick<BootSource, "url" | "keyringFilename" | "keyringData"> {
  const errors = new FormErrors();
  const url = readText(call.form, errors, "url", { current: current?.url, required: true });
  if (url !== "" && !/^https?:\/\/[^\s/]+/i.test(url)) errors.add("url", "Enter a valid URL.");
  const keyringFilename = readText(call.form, errors, "keyring_filename", { current: current?.keyringFilename });
  const sent = call.form.isFile("keyring_data") ? call.form.get("keyring_data") : undefined;
  const keyringData = sent === undefined ? (current?.keyringData ?? "") : Buffer.from(sent).toString("base64");
  if (keyringFilename === "" && keyringData === "")
    errors.add("__all__", "One of keyring_data or keyring_filename must be specified.");
  if (keyringFilename !== "" && keyringData !== "")
    errors.add("__all__", "Only one of keyring_filename or keyring_data can be specified.");
  const taken = Object.values(call.state.bootSources).some((row) => row.url === url && row.id !== current?.id);
  if (taken) errors.add("url", "Boot source with this Url already exists.");
  errors.throwIfAny();
  return { url, keyringFilename, keyringData };
}

const sourceOr404 = (call: Call): BootSource =>
  rowOr404(call.state.bootSources, call.params["boot_source_id"] ?? call.params["id"] ?? "", "BootSource");

function createSource(call: Call) {
  const fields = readSource(call);
  const now = Date.now();
  const source: BootSource = { id: nextId(call.state, "bootSource"), ...fields, created: now, updated: now };
  call.state.bootSources[source.id] = source;
  return json(renderSource(source), 201);
}

function updateSource(call: Call) {
  const source = sourceOr404(call);
  Object.assign(source, readSource(call, source), { updated: Date.now() });
  return json(renderSource(source));
}

function removeSource(call: Call) {
  const source = sourceOr404(call);
  for (const selection of selectionsOf(call.state, source))
    Reflect.deleteProperty(call.state.bootSourceSelections, selection.id);
  Reflect.deleteProperty(call.state.bootSources, source.id);
  return deleted();
}

const selectionsOf = (state: LabState, source: BootSource): BootSourceSelection[] =>
  Object.values(state.bootSourceSelections).filter((row) => row.bootSourceId === source.id);

function selectionOr404(call: Call): BootSourceSelection {
  const source = sourceOr404(call);
  const row = rowOr404(
    Object.fromEntries(selectionsOf(call.state, source).map((selection) => [selection.id, selection])),
    call.params["id"] ?? "",
    "BootSourceSelection",
  );
  return row;
}

type SelectionFields = Omit<BootSourceSelection, "id" | "bootSourceId">;

/** Only what the source offers can be selected (canonical/maas forms: BootSourceSelectionForm). */
function readSelection({ form }: Call, source: BootSource, current?: BootSourceSelection): SelectionFields {
  const errors = new FormErrors();
  const os = readText(form, errors, "os", { current: current?.os, max: 20 });
  const release = readText(form, errors, "release", { current: current?.release, max: 20 });
  const many = (name: "arches" | "subarches" | "labels"): string[] => {
    const values = form.has(name) ? form.all(name) : (current?.[name] ?? []);
    if (values.length === 0) errors.add(name, requiredMessage);
    return values;
  };
  const fields = { os, release, arches: many("arches"), subarches: many("subarches"), labels: many("labels") };
  const offers = offersOf(source).filter((offer) => (os === "" || offer.os === os) && offer.release === release);
  const check = (name: "arches" | "subarches" | "labels", known: string[]): void => {
    const asked = fields[name];
    if (!asked.includes("*") && asked.some((one) => !known.includes(one)))
      errors.add(name, `No available images to download for [${asked.map((one) => `'${one}'`).join(", ")}]`);
  };
  if (offers.length === 0) errors.add("os", `OS ${os} with release ${release} has no available images for download`);
  else {
    check(
      "arches",
      offers.map((offer) => offer.arch),
    );
    check("subarches", ["generic", ...offers.flatMap((offer) => offer.kernels)]);
    check("labels", ["stable"]);
  }
  errors.throwIfAny();
  return fields;
}

function createSelection(call: Call) {
  const source = sourceOr404(call);
  const fields = readSelection(call, source);
  const taken = selectionsOf(call.state, source).some((row) => row.os === fields.os && row.release === fields.release);
  if (taken)
    throw fieldErrors({ __all__: ["Boot source selection with this Boot source, Os and Release already exists."] });
  const selection = { id: nextId(call.state, "bootSourceSelection"), bootSourceId: source.id, ...fields };
  call.state.bootSourceSelections[selection.id] = selection;
  return json(renderSelection(selection));
}

function updateSelection(call: Call) {
  const selection = selectionOr404(call);
  Object.assign(selection, readSelection(call, sourceOr404(call), selection));
  return json(renderSelection(selection));
}

/** Commissioning cannot do without its series; the text has holes in it, as MAAS's has (models/bootsourceselection.py). */
function removeSelection(call: Call) {
  const selection = selectionOr404(call);
  if (selection.os === "ubuntu" && selection.release === configValue(call.state, "commissioning_distro_series"))
    throw refusal(400, "Unable to delete %s %s. It is the operating system used in ephemeral environments.");
  Reflect.deleteProperty(call.state.bootSourceSelections, selection.id);
  return deleted();
}

const sources = "boot-sources/";
const selections = "boot-sources/:boot_source_id/selections/";

const operations: Operation[] = [
  {
    method: "GET",
    path: sources,
    access: "user",
    handle: ({ state }) => json(Object.values(state.bootSources).map(renderSource)),
  },
  { method: "POST", path: sources, access: "user", handle: createSource },
  { method: "GET", path: `${sources}:id/`, access: "user", handle: (call) => json(renderSource(sourceOr404(call))) },
  { method: "PUT", path: `${sources}:id/`, access: "user", handle: updateSource },
  { method: "DELETE", path: `${sources}:id/`, access: "user", handle: removeSource },
  {
    method: "GET",
    path: selections,
    access: "user",
    handle: (call) => json(selectionsOf(call.state, sourceOr404(call)).map(renderSelection)),
  },
  { method: "POST", path: selections, access: "user", handle: createSelection },
  {
    method: "GET",
    path: `${selections}:id/`,
    access: "user",
    handle: (call) => json(renderSelection(selectionOr404(call))),
  },
  { method: "PUT", path: `${selections}:id/`, access: "user", handle: updateSelection },
  { method: "DELETE", path: `${selections}:id/`, access: "user", handle: removeSelection },
];

export const bootSourceOperations: Operation[] = operations.map((operation) => ({
  ...operation,
  handle: closed(operation.handle),
}));
