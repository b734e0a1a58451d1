/** Images: what is synced, whether an import runs (facts: maas.md 2.16). */
import { beginImport, stopImport } from "./image-import.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import type { BootResource, LabState } from "./state.ts";
import { isoTime } from "./timestamp.ts";

const render = (image: BootResource): Record<string, unknown> => ({
  id: image.id,
  type: image.type,
  name: image.name,
  architecture: image.architecture,
  resource_uri: `/MAAS/api/2.0/boot-resources/${String(image.id)}/`,
  last_deployed: image.lastDeployed === null ? null : isoTime(image.lastDeployed),
  subarches: image.subarches,
  platform: "generic",
  supported_platforms: "generic",
});

/** Of an image without a size of its own. */
const smallSize = 30;

/** Bytes of a set, by its files. */
const shares = { "boot-kernel": 0.03, "boot-initrd": 0.17, squashfs: 0.8 };

function renderSets(image: BootResource): Record<string, unknown> {
  const total = image.size ?? smallSize;
  const isComplete = image.progress === undefined;
  const progress = isComplete ? {} : { progress: image.progress };
  const file = (filename: string, share: number): Record<string, unknown> => ({
    filename,
    filetype: filename,
    sha256: `${String(image.id).padStart(4, "0")}${filename}`.padEnd(64, "0"),
    filename_on_disk: `${String(image.id).padStart(4, "0")}${filename}`,
    size: Math.round(total * share),
    complete: isComplete,
    ...progress,
  });
  return {
    [image.version]: {
      version: image.version,
      label: "stable",
      size: total,
      complete: isComplete,
      ...progress,
      files: Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, file(name, share)])),
    },
  };
}

/** To be called when a machine was deployed: all kernels of that image show the time. */
export function noteDeployment(state: LabState, image: { osystem: string; series: string; arch: string }): void {
  for (const row of Object.values(state.bootResources))
    if (row.name === `${image.osystem}/${image.series}` && row.architecture.startsWith(`${image.arch}/`))
      row.lastDeployed = Date.now();
}

const types = ["synced", "uploaded"];

function list({ state, query }: Call) {
  const type = query.get("type") ?? "all";
  if (type !== "all" && !types.includes(type))
    throw refusal(
      400,
      `'${type}' is not a valid boot resource type. Available types: [${types.map((name) => `'${name}'`).join(", ")}]`,
    );
  const images = Object.values(state.bootResources)
    .filter((image) => type === "all" || image.type.toLowerCase() === type)
    .toSorted((a, b) => compare(a.type, b.type) || compare(a.name, b.name) || compare(a.architecture, b.architecture));
  return json(images.map(render));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const imageOr404 = (call: Call): BootResource =>
  rowOr404(call.state.bootResources, call.params["id"] ?? "", "BootResource");

function remove(call: Call) {
  const image = call.state.bootResources[call.params["id"] ?? ""];
  if (!image) throw refusal(500, "BootResource matching query does not exist.");
  Reflect.deleteProperty(call.state.bootResources, image.id);
  return deleted();
}

function say(sentence: string) {
  return { status: 200, contentType: "text/plain; charset=utf-8", body: sentence };
}

const path = "boot-resources/";

export const bootResourceOperations: Operation[] = [
  { method: "GET", path, access: "user", handle: list },
  { method: "GET", path, op: "is_importing", access: "user", handle: ({ state }) => json(state.imageImport !== null) },
  {
    method: "POST",
    path,
    op: "import",
    access: "admin",
    handle: ({ state }) => {
      beginImport(state);
      return say("Import of boot resources started");
    },
  },
  {
    method: "POST",
    path,
    op: "stop_import",
    access: "admin",
    handle: ({ state }) => {
      stopImport(state);
      return say("Import of boot resources is being stopped");
    },
  },
  {
    method: "GET",
    path: `${path}:id/`,
    access: "user",
    handle: (call) => {
      const image = imageOr404(call);
      return json({ ...render(image), sets: renderSets(image) });
    },
  },
  { method: "DELETE", path: `${path}:id/`, access: "admin", handle: remove },
];
