/** Whether an answer is the observed one, apart from ids, dates, and the hardware that was under the recorded region. */
import type { Json } from "../maas/state.ts";
import type { Difference } from "./compare.ts";
import type { Answer } from "./client.ts";
import type { ObservedRecord } from "./observed.ts";
import type { ObservedIds } from "./observed-ids.ts";

/** Ids, dates and durations: the recording's own. */
const ownValues = new Set([
  ...["id", "device_id", "script_id", "script_revision_id", "link_id", "uuid", "resource_uri", "fabric_id"],
  ...["current_commissioning_result_id", "current_testing_result_id", "current_installation_result_id"],
  ...["created", "updated", "started", "ended", "starttime", "endtime", "runtime", "estimated_runtime"],
  ...["last_ping", "last_deployed", "next_uri", "prev_uri", "version"],
]);

/** The recorded region's machines had two SATA disks, another NIC and other CPUs than those of the transcripts. */
const hardware = new Set([
  ...["storage", "cpu_count", "cpu_speed", "memory", "size", "used_size", "available_size", "block_size", "serial"],
  ...[
    "model",
    "id_path",
    "path",
    "interface_speed",
    "link_speed",
    "vendor",
    "product",
    "firmware_version",
    "numa_node",
  ],
  ...["link_connected", "cores", "cpu_model", "system_vendor", "system_product", "system_version", "system_sku"],
  ...["mainboard_vendor", "mainboard_product", "mainboard_firmware_vendor", "mainboard_firmware_version"],
  ...["mainboard_firmware_date", "system_family", "mainboard_version", "chassis_type", "chassis_vendor"],
  ...["system_serial", "mainboard_serial", "chassis_serial", "chassis_version", "hugepages_set"],
]);

/** As many as there was hardware: the first of each is compared. */
const hardwareLists = new Set([
  ...["blockdevice_set", "physicalblockdevice_set", "numanode_set", "partitions", "cores"],
]);

/** Lists whose order means nothing. */
const unordered = new Set(["tag_names", "capabilities"]);

export interface ObservedAnswer extends Answer {
  json: unknown;
}

const mediaType = (type: string | null | undefined): string => (type ?? "").split(";")[0]?.trim() ?? "";

export function differencesOf(record: ObservedRecord, answer: ObservedAnswer, ids: ObservedIds): Difference[] {
  const found: Difference[] = [];
  const expect = (where: string, want: unknown, got: unknown): void => {
    if (want !== got) found.push({ where, want, got });
  };
  expect("status", record.status, answer.status);
  expect("content_type", mediaType(record.content_type), mediaType(answer.headers["content-type"]));
  expect(
    "retry_after",
    record.retry_after === null ? null : String(record.retry_after),
    answer.headers["retry-after"] ?? null,
  );
  if (!isOmitted(record.body)) new Walk(ids, found, record.status < 400).compare(record.body, answer.json, "body", "");
  return found;
}

/** `<omitted>`, `<long>`, `<masked>`, `<HTML conflict page>`. */
export const isOmitted = (body: Json): boolean => typeof body === "string" && /^<[^>]+>$/.test(body);

type Shown = Record<string, unknown>;

const isShown = (value: unknown): value is Shown =>
  typeof value === "object" && value !== null && !Array.isArray(value);

class Walk {
  readonly #ids: ObservedIds;
  readonly #found: Difference[];
  readonly #succeeds: boolean;

  constructor(ids: ObservedIds, found: Difference[], succeeds: boolean) {
    this.#ids = ids;
    this.#found = found;
    this.#succeeds = succeeds;
  }

  /** `key` is the nearest name of an object around the value. */
  compare(want: unknown, got: unknown, where: string, key: string): void {
    if (Array.isArray(want)) this.#lists(want, got, where, key);
    else if (isShown(want)) this.#objects(want, got, where);
    else if (this.#succeeds && (ownValues.has(key) || hardware.has(key))) this.#kinds(want, got, where);
    else if (typeof want === "string") this.#texts(want, got, where);
    else this.#expect(want === got, where, want, got);
  }

  #expect(ok: boolean, where: string, want: unknown, got: unknown): void {
    if (!ok) this.#found.push({ where, want, got });
  }

  /** null stays null, but for what only some hardware tells. */
  #kinds(want: unknown, got: unknown, where: string): void {
    const isNull = (want === null) === (got === null) || hardware.has(where.split(".").at(-1) ?? "");
    this.#expect(isNull && !isShown(got) && !Array.isArray(got), where, want, got);
  }

  #texts(want: string, got: unknown, where: string): void {
    if (want.startsWith("<") && want.endsWith(">")) return;
    // The order of choices, and the ids among them, differ from process to process (facts: maas.md 1.6).
    const known = (text: string): string => text.replace(/ It should be one of: .*$/s, "").replace(/<THE REAL.*$/, "");
    const wanted = known(this.#ids.sentence(want));
    const own = typeof got === "string" ? known(got) : got;
    const isMasked = /Expired timestamp|Nonce already used|Invalid access token|base string/.test(want);
    this.#expect(isMasked ? firstWords(wanted) === firstWords(String(own)) : wanted === own, where, want, got);
  }

  #lists(want: unknown[], got: unknown, where: string, key: string): void {
    if (!Array.isArray(got)) {
      this.#expect(false, where, want, got);
      return;
    }
    const isHardware = hardwareLists.has(key) || (key === "tags" && /device_set|boot_disk/.test(where));
    this.#expect(isHardware || want.length === got.length, `${where}.length`, want.length, got.length);
    if (isHardware && typeof want[0] !== "object") return;
    const [left, right] = unordered.has(key)
      ? [want.toSorted(), (got as unknown[]).toSorted()]
      : [want, got as unknown[]];
    const count = isHardware ? Math.min(left.length, right.length, 1) : Math.min(left.length, right.length);
    for (let index = 0; index < count; index += 1)
      this.compare(left[index], right[index], `${where}[${String(index)}]`, key);
  }

  #objects(want: Shown, got: unknown, where: string): void {
    if (!isShown(got)) {
      this.#expect(false, where, want, got);
      return;
    }
    const isSlim = want["_slim"] === true;
    for (const [key, value] of Object.entries(want)) {
      if (key === "_slim") continue;
      const name = this.#ids.text(key);
      if (name in got) this.compare(value, isSlim ? slimmed(value, got[name]) : got[name], `${where}.${key}`, key);
      // Keys that a shortened answer has for every kind of node.
      else this.#expect(isSlim && value === null, `${where}.${key}`, value, "<missing>");
    }
    const wanted = new Set(Object.keys(want).map((key) => this.#ids.text(key)));
    if (!isSlim)
      for (const [key, value] of Object.entries(got))
        this.#expect(wanted.has(key), `${where}.${key}`, "<absent>", value);
  }
}

const firstWords = (text: string): string => text.split(" ").slice(0, 4).join(" ");

/** What the shortening made of an object: its name, its id, or some of its keys. */
function slimmed(want: unknown, got: unknown): unknown {
  if (Array.isArray(want) && Array.isArray(got)) return got.map((item, index) => slimmed(want[index] ?? want[0], item));
  if (!isShown(got)) return got;
  if (typeof want === "string") return got["name"];
  if (typeof want === "number") return got["id"];
  if (!isShown(want)) return got;
  return Object.fromEntries(Object.keys(want).map((key) => [key, slimmed(want[key], got[key])]));
}
