/**
 * Names for requests that are the same from run to run: system IDs, addresses and polls differ, kinds do not.
 *
 * A write is "POST machines/{id}/ deploy #2": the second of its shape. A read is one kind however often it is asked, but
 * another after another write to machines: "GET machines/ id, after POST machines/{id}/ deploy".
 */
export class RequestKinds {
  /** In the order of their arrival. */
  readonly seen: string[] = [];
  private readonly counts = new Map<string, number>();
  private lastWrite = "the start";

  /** @param target path below MAAS's URL with its query, e.g. "/api/2.0/machines/abc123/?op=deploy" */
  name(method: string, target: string): string {
    const shape = shapeOf(method, target);
    const kind = method === "GET" ? `${shape}, after ${this.lastWrite}` : this.numbered(shape);
    // Keys, tags and the like are made beside the machines, in any order.
    if (method !== "GET" && /^\w+ (machines|nodes)\//.test(shape)) this.lastWrite = shape;
    this.seen.push(kind);
    return kind;
  }

  private numbered(shape: string): string {
    const count = (this.counts.get(shape) ?? 0) + 1;
    this.counts.set(shape, count);
    return `${shape} #${String(count)}`;
  }
}

/** What is read, without what was written before it. */
export const shapeOfRead = (kind: string): string => kind.split(", after ")[0] ?? kind;

export const isRead = (kind: string): boolean => kind.startsWith("GET ");

function shapeOf(method: string, target: string): string {
  const url = new URL(target, "http://maas");
  const path = url.pathname
    .replace(/^\/api\/2\.0\//, "")
    // The things whose names are chosen by MAAS; those of tags, pools and scripts are ours.
    .replace(/^(machines|nodes)\/[^/]+\//, "$1/{id}/")
    .replace(/\/(interfaces|results)\/[^/]+\//, "/$1/{id}/");
  const op = url.searchParams.get("op");
  const filters = [...new Set(url.searchParams.keys())].filter((key) => key !== "op").sort();
  return [method, path, ...(op === null ? [] : [op]), ...(filters.length === 0 ? [] : [`?${filters.join("&")}`])].join(
    " ",
  );
}
