/** Values that the engine does not know yet in a preview, as they appear in a provider's inputs. */

/** The engine's marker for an unknown value (@pulumi/pulumi, runtime/rpc: unknownValue). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(isUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}
