/**
 * Everything the simulated region remembers, as plain tables of plain rows (no classes, no Dates, no Maps), so that
 * `--state DIR` can write it as JSON and a snapshot is a structuredClone.
 *
 * Rows point at each other by id. What an answer shows is derived when it is rendered, never stored twice.
 */
export interface User {
  id: number;
  username: string;
  email: string;
  isSuperuser: boolean;
}

export interface LabState {
  users: User[];
}
