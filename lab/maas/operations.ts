/** Every operation the lab simulates, one array an entity. Adding an entity is one import and one line. */
import type { Operation } from "./operation.ts";
import { versionOperations } from "./version.ts";

export const operations: readonly Operation[] = [...versionOperations];
