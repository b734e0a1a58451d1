/** Where the project and what it keeps on disk lie. */
import { join } from "node:path";

export const projectRoot = join(import.meta.dirname, "..");

/** Git-ignored; deleting it forgets the lab and every stack of the local backend. */
export const projectState = join(projectRoot, ".metalform");
