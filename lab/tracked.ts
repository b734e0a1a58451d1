/**
 * A view of the state that notes which rows are written through it, so that only those have to be saved. It is meant for
 * the few rows that a write touches; what only looks reads the state itself, which costs nothing extra.
 */

/** Rows written since they were last taken: by table, by id. */
export class Changes {
  #rows = new Map<string, Set<string>>();

  get any(): boolean {
    return this.#rows.size > 0;
  }

  /** `id` is undefined where the state's value is no table of rows. */
  note(table: string, id: string | undefined): void {
    const ids = this.#rows.get(table);
    if (ids) ids.add(id ?? "");
    else this.#rows.set(table, new Set([id ?? ""]));
  }

  /** All pairs of table and id ("" for a value that is no table), in the order in which they were first written. */
  take(): [table: string, id: string][] {
    const rows = [...this.#rows].flatMap(([table, ids]) => [...ids].map((id): [string, string] => [table, id]));
    this.#rows = new Map();
    return rows;
  }
}

/** Reading through the view gives views in turn; what is stored through it is stored plain. */
export function tracked<State extends object>(state: State, changes: Changes): State {
  const views = new WeakMap<object, object>();
  const plainOf = new WeakMap<object, object>();

  function view<Thing extends object>(thing: Thing, handler: () => ProxyHandler<Thing>): Thing {
    const known = views.get(thing);
    if (known) return known as Thing;
    const made = new Proxy(thing, handler());
    views.set(thing, made);
    plainOf.set(made, thing);
    return made;
  }

  /** Views inside of a new value are replaced by copies of what they show: two rows never share an object. */
  function plain(value: unknown): unknown {
    if (!isObject(value)) return value;
    const behind = plainOf.get(value);
    if (behind) return structuredClone(behind);
    for (const [key, inner] of Object.entries(value)) if (isObject(inner)) Reflect.set(value, key, plain(inner));
    return value;
  }

  const inRow = (table: string, id: string | undefined): ProxyHandler<object> => ({
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return isObject(value) ? view(value, () => inRow(table, id)) : value;
    },
    set: (target, key, value) => {
      changes.note(table, id);
      return Reflect.set(target, key, plain(value));
    },
    deleteProperty: (target, key) => {
      changes.note(table, id);
      return Reflect.deleteProperty(target, key);
    },
  });

  const inTable = (table: string): ProxyHandler<object> => ({
    get: (target, id) => {
      const value: unknown = Reflect.get(target, id);
      return isObject(value) && typeof id === "string" ? view(value, () => inRow(table, id)) : value;
    },
    set: (target, id, value) => {
      changes.note(table, String(id));
      return Reflect.set(target, id, isObject(value) ? (plainOf.get(value) ?? plain(value)) : value);
    },
    deleteProperty: (target, id) => {
      changes.note(table, String(id));
      return Reflect.deleteProperty(target, id);
    },
  });

  return view(state, () => ({
    get: (target, table) => {
      const value: unknown = Reflect.get(target, table);
      return isObject(value) && typeof table === "string" ? view(value, () => inTable(table)) : value;
    },
    set: (target, table, value) => {
      changes.note(String(table), undefined);
      return Reflect.set(target, table, plain(value));
    },
  }));
}

/** Methods (of arrays) are no part of the state. */
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
