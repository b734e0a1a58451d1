/**
 * What resources of one program declare, for checks that more than one thing decides: whether two subnets overlap, whether a
 * range lies in its subnet. One memory a process, like claims.ts.
 */
export class Declared<Thing> {
  private readonly things = new Map<string, Thing>();

  /** Notes what a resource declares, instead of what an earlier check of it noted. @param urn nothing is noted without */
  note(urn: string, thing: Thing): void {
    if (urn !== "") this.things.set(urn, thing);
  }

  /** What the others declare, with their names in the program. */
  others(urn: string): { name: string; thing: Thing }[] {
    return [...this.things]
      .filter(([of]) => of !== urn)
      .map(([of, thing]) => ({ name: of.split("::").at(-1) ?? of, thing }));
  }
}
