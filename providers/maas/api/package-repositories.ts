/** `package-repositories/`, by name or id (facts: maas.md 2.17). Writes are for administrators. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface PackageRepository {
  id: number;
  name: string;
  /** http(s)://..., or "ppa:owner/name". */
  url: string;
  distributions: string[];
  disabled_pockets: string[];
  disabled_components: string[];
  disable_sources: boolean;
  components: string[];
  arches: string[];
  /** An armored public key, or "". */
  key: string;
  enabled: boolean;
}

/**
 * Lists with commas between. "" empties `disabled_pockets` and `disabled_components`; `distributions` and `components`
 * cannot be emptied, since MAAS would keep a list with an empty text in it (canonical/maas forms/packagerepository.py).
 */
export interface PackageRepositoryFields {
  name?: string;
  url?: string;
  distributions?: string;
  disabled_pockets?: string;
  disabled_components?: string;
  disable_sources?: boolean;
  components?: string;
  arches?: string;
  key?: string;
  enabled?: boolean;
}

export const packageRepositoriesApi = (send: Send) => ({
  /** @param repository its name; MAAS takes its id too */
  read: (repository: string) =>
    send.orUndefined<PackageRepository>({
      method: "GET",
      path: at("package-repositories", repository),
      doing: `reading package repository ${repository}`,
    }),

  /** A name that exists is `refused` with `fields.name`. */
  create: (fields: PackageRepositoryFields & { name: string; url: string }) =>
    send<PackageRepository>({
      method: "POST",
      path: at("package-repositories"),
      form: { ...fields },
      doing: `creating package repository ${fields.name}`,
      repeating: "harm",
    }),

  update: (id: number, fields: PackageRepositoryFields) =>
    send<PackageRepository>({
      method: "PUT",
      path: at("package-repositories", id),
      form: { ...fields },
      doing: `changing package repository ${String(id)}`,
    }),

  /** Gone already is fine; Ubuntu's own archives are `refused`. */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("package-repositories", id),
      doing: `deleting package repository ${String(id)}`,
    });
  },
});

export type PackageRepositoriesApi = ReturnType<typeof packageRepositoriesApi>;
