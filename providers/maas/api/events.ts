/** `events/`: what MAAS noted about its machines, for progress and for the reasons of failures (facts: maas.md 2.17). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface NodeEvent {
  id: number;
  /** The machine's system id. */
  node: string;
  hostname: string;
  level: EventLevel;
  created: string;
  type: string;
  description: string;
}

export type EventLevel = "AUDIT" | "CRITICAL" | "DEBUG" | "ERROR" | "INFO" | "WARNING";

export interface EventQuery {
  id?: readonly string[];
  /** This level and more severe ones. @default "INFO" */
  level?: EventLevel;
  /** At most 1000. @default 100 */
  limit?: number;
  /** Only events newer than this one. */
  after?: number;
  before?: number;
}

export const eventsApi = (send: Send) => ({
  /** Newest first. */
  query: async (query: EventQuery): Promise<NodeEvent[]> => {
    const page = await send<{ events: NodeEvent[] }>({
      method: "GET",
      path: at("events"),
      op: "query",
      query: { ...query },
      doing: "reading events",
    });
    return page.events;
  },
});

export type EventsApi = ReturnType<typeof eventsApi>;
