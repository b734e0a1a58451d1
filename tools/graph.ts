/**
 * `make graph`: draws the stack's rack as SVG and writes the same as Graphviz and Mermaid text.
 *
 *   make graph                     from the state; from the preview while there is none
 *   make graph ARGS=--preview      as the config wants it, with what would change
 *   make graph ARGS="--out DIR"    elsewhere than .metalform/graph
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { declaredInPreview, declaredInState, type Declared, type PreviewStep } from "./graph/declared.ts";
import { svgOf } from "./graph/draw.ts";
import { dotOf } from "./graph/dot.ts";
import { mermaidOf } from "./graph/mermaid.ts";
import { pictureOf } from "./graph/picture.ts";
import { runningLab } from "./lab/lab-process.ts";
import { projectRoot, projectState } from "./project.ts";
import { command } from "./stack/command.ts";
import type { ExportedStack } from "./stack/deployment.ts";
import { pulumiOutput } from "./stack/pulumi-cli.ts";
import { openSession } from "./stack/session.ts";
import { stackEnvironment, stackName } from "./stack/stack.ts";

const stack = stackName();

/** Reading the state needs no MAAS, so no lab is started for it. Undefined while there is no such stack. */
function exported(): ExportedStack | undefined {
  try {
    return JSON.parse(
      pulumiOutput(["stack", "export", "--stack", stack], stackEnvironment(stack, runningLab())),
    ) as ExportedStack;
  } catch (error) {
    if (error instanceof Error && error.message.includes("no stack named")) return undefined;
    throw error;
  }
}

/** Undefined when the preview failed; what Pulumi has to say about that has been shown. */
async function previewed(state: ExportedStack | undefined): Promise<Declared[] | undefined> {
  console.log("Asking Pulumi for a preview");
  const session = await openSession();
  let text: string;
  try {
    text = session.output(["preview", "--json"]);
  } catch {
    // As JSON it tells its reasons to programs only.
    if ((await session.pulumi(["preview"])) !== 0) return undefined;
    text = session.output(["preview", "--json"]);
  }
  const { steps = [] } = JSON.parse(text) as { steps?: PreviewStep[] };
  return declaredInPreview(steps, state);
}

await command(async () => {
  const { values } = parseArgs({
    options: {
      out: { type: "string", default: join(projectState, "graph") },
      preview: { type: "boolean", default: false },
    },
  });
  const state = exported();
  const inState = declaredInState(state);
  const fromPreview = values.preview || inState.length === 0;
  const declared = fromPreview ? await previewed(state) : inState;
  if (declared === undefined) return 1;
  const picture = pictureOf(declared, stack);
  if (fromPreview) picture.title += ", as the preview has it";
  const folder = resolve(projectRoot, values.out);
  mkdirSync(folder, { recursive: true });
  const texts = { svg: await svgOf(picture), dot: dotOf(picture), mmd: mermaidOf(picture) };
  console.log(picture.title);
  for (const [ending, text] of Object.entries(texts)) {
    const file = join(folder, `rack.${ending}`);
    writeFileSync(file, text);
    console.log(`  ${relative(process.cwd(), file)}`);
  }
  return 0;
});
