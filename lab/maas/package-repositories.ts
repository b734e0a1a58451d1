/** Package archives that deployed machines use: to read, and to change the fields that matter in a rack. */
import { FormErrors, readCheckbox, readText } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { namedOr404 } from "./specifier.ts";
import { nextId, type PackageRepository } from "./state.ts";

const render = (row: PackageRepository): Record<string, unknown> => ({
  name: row.name,
  url: row.url,
  distributions: row.distributions,
  disabled_pockets: row.disabledPockets,
  disabled_components: row.disabledComponents,
  disable_sources: row.disableSources,
  components: row.components,
  arches: row.arches,
  key: row.key,
  enabled: row.enabled,
  id: row.id,
  resource_uri: `/MAAS/api/2.0/package-repositories/${String(row.id)}/`,
});

const rowFor = (call: Call): PackageRepository =>
  namedOr404(call.state.packageRepositories, call.params["id"] ?? "", "PackageRepository");

function read({ state, form }: Call, current?: PackageRepository): Omit<PackageRepository, "id" | "isDefault"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name, required: true, max: 41 });
  const url = readText(form, errors, "url", { current: current?.url, required: true });
  if (url !== "" && !isLocation(url)) errors.add("url", "Enter a valid repository URL or PPA location.");
  const taken = Object.values(state.packageRepositories).some((row) => row.name === name && row.id !== current?.id);
  if (taken) errors.add("name", "Package repository with this Name already exists.");
  // A list that is sent empty holds one empty text: MAAS empties only those that `cleared` is about.
  const many = (field: string, before: string[] | undefined): string[] =>
    form.has(field) ? form.all(field).flatMap((text) => text.split(",").map((one) => one.trim())) : (before ?? []);
  const fields = {
    name,
    url,
    distributions: many("distributions", current?.distributions),
    disabledPockets: cleared(many("disabled_pockets", current?.disabledPockets)),
    disabledComponents: cleared(many("disabled_components", current?.disabledComponents)),
    components: many("components", current?.components),
    arches: many("arches", current?.arches ?? ["amd64", "i386"]),
    disableSources: readCheckbox(form, "disable_sources", current?.disableSources ?? true),
    key: readText(form, errors, "key", { current: current?.key }),
    enabled: readCheckbox(form, "enabled", current?.enabled ?? true),
  };
  if (current?.isDefault) checkDefault(errors, fields);
  else if (fields.disabledComponents.length > 0)
    errors.add("disabled_components", "This is a custom repository. Please update 'components' instead.");
  const refuseUnknown = (field: string, what: string, values: string[], known: string[]): void => {
    const unknown = values.find((value) => !known.includes(value));
    if (unknown !== undefined)
      errors.add(
        field,
        `'${unknown}' is not a valid Ubuntu archive ${what}. You can only disable [${known.map((one) => `'${one}'`).join(", ")}].`,
      );
  };
  refuseUnknown("disabled_pockets", "pocket", fields.disabledPockets, pocketsToDisable);
  if (current?.isDefault)
    refuseUnknown("disabled_components", "component", fields.disabledComponents, componentsToDisable);
  for (const arch of fields.arches)
    if (!knownArches.includes(arch))
      errors.add("arches", `'${arch}' is not a valid architecture. Known architectures: ${knownArches.join(", ")}`);
  errors.throwIfAny();
  return fields;
}

const knownArches = ["amd64", "arm64", "armhf", "i386", "ppc64el", "s390x"];

const pocketsToDisable = ["updates", "security", "backports"];
const componentsToDisable = ["restricted", "universe", "multiverse"];

const isLocation = (url: string): boolean =>
  /^ppa:[\w.-]+\/[\w.-]+$/.test(url) || (/^(https?|ftps?):\/\/[^\s/]+/.test(url) && URL.canParse(url));

/** What a client sends to clear a list. */
const cleared = (values: string[]): string[] =>
  values.length === 1 && ["", "None", "[]"].includes(values[0] ?? "") ? [] : values;

/** Ubuntu's own archives can be narrowed, not redefined or switched off. */
function checkDefault(errors: FormErrors, fields: { components: string[]; enabled: boolean }): void {
  if (fields.components.length > 0)
    errors.add("components", "This is a default Ubuntu repository. Please update 'disabled_components' instead.");
  if (!fields.enabled) errors.add("__all__", "Default repositories may not be disabled.");
}

function create(call: Call) {
  const fields = read(call);
  const row: PackageRepository = { id: nextId(call.state, "packageRepository"), isDefault: false, ...fields };
  call.state.packageRepositories[row.id] = row;
  return json(render(row));
}

function update(call: Call) {
  const row = rowFor(call);
  Object.assign(row, read(call, row));
  return json(render(row));
}

function remove(call: Call) {
  const row = rowFor(call);
  if (row.isDefault) throw refusal(400, "This repository is a default repository, it cannot be deleted.");
  Reflect.deleteProperty(call.state.packageRepositories, row.id);
  return deleted();
}

const path = "package-repositories/";

export const packageRepositoryOperations: Operation[] = [
  {
    method: "GET",
    path,
    access: "user",
    handle: ({ state }) => json(Object.values(state.packageRepositories).map(render)),
  },
  { method: "POST", path, access: "admin", handle: create },
  { method: "GET", path: `${path}:id/`, access: "user", handle: (call) => json(render(rowFor(call))) },
  { method: "PUT", path: `${path}:id/`, access: "admin", handle: update },
  { method: "DELETE", path: `${path}:id/`, access: "admin", handle: remove },
];
