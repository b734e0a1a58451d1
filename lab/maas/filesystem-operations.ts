/** What a disk and a partition have in common: a filesystem that comes, goes and is mounted, and tags. */
import type { Permission } from "./access.ts";
import { groupOf, niceName } from "./filesystem-groups.ts";
import { FormErrors, mandatory } from "./form.ts";
import type { Filesystem, Machine } from "./machine-state.ts";
import type { Call, Operation } from "./operation.ts";
import { filesystemOf } from "./storage.ts";
import { formatDevice, mount, readFormat, requireStorageChangeable, unformat, unmount } from "./storage-form.ts";

export interface Bearer<Found extends { machine: Machine }> {
  path: string;
  noun: "block device" | "partition";
  find(call: Call, permission: Permission): Found;
  answer(call: Call, found: Found): ReturnType<Operation["handle"]>;
  at(found: Found): { blockDeviceId: number } | { partitionId: number };
  /** Adds what forbids a filesystem on this one. */
  forbid(call: Call, found: Found, errors: FormErrors): void;
  /** The row that has the tags. @throws ApiError when they can't be changed now */
  tagged(found: Found): { tags: string[] };
}

export function filesystemOperations<Found extends { machine: Machine }>(bearer: Bearer<Found>): Operation[] {
  const { path, noun } = bearer;
  const filesystem = ({ state }: Call, found: Found): Filesystem | undefined =>
    filesystemOf(state, found.machine, bearer.at(found));
  const changing = (verb: string, change: (call: Call, found: Found) => void): Operation => ({
    method: "POST",
    path,
    op: verb,
    access: "user",
    handle: (call) => {
      const found = bearer.find(call, "edit");
      requireStorageChangeable(call, found.machine, verb, noun);
      change(call, found);
      return bearer.answer(call, found);
    },
  });
  const tagging = (op: string, change: (tags: string[], tag: string) => string[]): Operation => ({
    method: "POST",
    path,
    op,
    access: "user",
    handle: (call) => {
      const found = bearer.find(call, "admin");
      const row = bearer.tagged(found);
      row.tags = change(row.tags, mandatory(call.form, "tag"));
      return bearer.answer(call, found);
    },
  });
  return [
    changing("format", (call, found) => {
      const errors = new FormErrors();
      const wanted = readFormat(call.form, errors);
      bearer.forbid(call, found, errors);
      errors.throwIfAny();
      formatDevice(call.state, found.machine, bearer.at(found), wanted, noun);
    }),
    changing("unformat", (call, found) => {
      unformat(call.state, found.machine, filesystem(call, found), noun, (row) => {
        const group = groupOf(call.state, row);
        return group && niceName(group);
      });
    }),
    changing("mount", (call, found) => {
      mount(call.state, found.machine, filesystem(call, found), call.form, new FormErrors());
    }),
    changing("unmount", (call, found) => {
      unmount(filesystem(call, found), noun === "partition" ? "Partition" : "Block device");
    }),
    tagging("add_tag", (tags, tag) => [...new Set([...tags, tag])]),
    tagging("remove_tag", (tags, tag) => tags.filter((other) => other !== tag)),
  ];
}
