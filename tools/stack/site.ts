/** The web site of a stack, as asked from this computer: who answers, in turn. */
import { stackOutputs, type ExportedStack } from "./deployment.ts";

const ASKED = 6;
/** For one answer. */
const PATIENCE_MS = 10_000;

/** The site's address on the rack; undefined for a stack without one. */
export function siteUrl(stack: ExportedStack): string | undefined {
  const url = stackOutputs(stack)["url"];
  return typeof url === "string" && url !== "" ? url : undefined;
}

/** Which machine answered each of six requests, as the site itself says in a header. */
export async function whoAnswers(url: string): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < ASKED; asked++) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.text();
    const by = answer.headers.get("x-served-by") ?? "nobody who says so";
    answers.push(answer.ok ? by : `${by} (${String(answer.status)})`);
  }
  return answers;
}
