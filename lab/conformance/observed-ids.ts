/** The recording's ids and the lab's: bound where an answer first shows both, filled into the requests that follow. */
import type { Json } from "../maas/state.ts";

/** What the word before a number in a path, or the name of a parameter, is an id of. */
const kinds: Readonly<Record<string, string>> = {
  interfaces: "interface",
  interface_set: "interface",
  boot_interface: "interface",
  parent: "interface",
  parents: "interface",
  links: "link",
  subnet: "subnet",
  subnets: "subnet",
  vlan: "vlan",
  vlans: "vlan",
  fabrics: "fabric",
  ipranges: "range",
  spaces: "space",
};

type Shown = Record<string, unknown>;

const isShown = (value: unknown): value is Shown =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export class ObservedIds {
  readonly #texts = new Map<string, string>();
  readonly #numbers = new Map<string, number>();

  /** A system_id, or any text, as the lab has it. */
  text(recorded: string): string {
    return this.#texts.get(recorded) ?? recorded;
  }

  /** A sentence with the recording's system_ids replaced. */
  sentence(recorded: string): string {
    let text = recorded;
    for (const [theirs, ours] of this.#texts) text = text.replaceAll(theirs, ours);
    return text;
  }

  /** `kind` is a parameter's name or the word before the number in a path. */
  number(kind: string, recorded: number): number {
    return this.#numbers.get(`${kinds[kind] ?? kind}:${String(recorded)}`) ?? recorded;
  }

  path(recorded: string): string {
    const parts = recorded.split("/");
    return parts
      .map((part, index) => {
        const before = parts[index - 1] ?? "";
        // `fabrics/0/vlans/0/`: the last one is a VID.
        if (before === "vlans" && parts[index - 3] === "fabrics") return part;
        return /^\d+$/.test(part) && before in kinds ? String(this.number(before, Number(part))) : this.text(part);
      })
      .join("/");
  }

  parameter(name: string, recorded: string | number): string {
    if (typeof recorded === "number") return String(this.number(name, recorded));
    return this.text(recorded);
  }

  /** Walks both answers side by side. `kind` is what the numbers under `id` are ids of. */
  bind(recorded: Json | undefined, got: unknown, kind = ""): void {
    if (Array.isArray(recorded) && Array.isArray(got)) {
      for (const [index, item] of recorded.entries()) this.bind(item, got[index], kind);
      return;
    }
    if (!isShown(recorded) || !isShown(got)) return;
    this.#bindText(recorded["system_id"], got["system_id"]);
    this.#bindUri(recorded["resource_uri"], got["resource_uri"]);
    if (kind !== "") this.#bindNumber(kind, recorded["id"], got["id"]);
    for (const [key, value] of Object.entries(recorded)) {
      const other = got[key];
      // A shortened answer has the id alone.
      if (typeof value === "number" && isShown(other)) this.#bindNumber(key, value, other["id"]);
      else this.bind(value, other, key);
    }
  }

  #bindText(recorded: unknown, got: unknown): void {
    if (typeof recorded === "string" && typeof got === "string" && !this.#texts.has(recorded))
      this.#texts.set(recorded, got);
  }

  #bindNumber(kind: string, recorded: unknown, got: unknown): void {
    const key = `${kinds[kind] ?? kind}:${String(recorded)}`;
    if (kind in kinds && typeof recorded === "number" && typeof got === "number" && !this.#numbers.has(key))
      this.#numbers.set(key, got);
  }

  #bindUri(recorded: unknown, got: unknown): void {
    if (typeof recorded !== "string" || typeof got !== "string") return;
    const [left, right] = [recorded.split("/"), got.split("/")];
    if (left.length !== right.length) return;
    for (const [index, part] of left.entries()) {
      const other = right[index] ?? "";
      if (/^\d+$/.test(part) && /^\d+$/.test(other))
        this.#bindNumber(left[index - 1] ?? "", Number(part), Number(other));
    }
  }
}
