/** `npm test -- [KIND ...]`: all tests that need neither engine nor browser, or those of the given kinds (folders of test/). */
import { command } from "./stack/command.ts";
import { browserKinds, engineKinds, kindOf, metalKinds, quickKinds, runTests, summary } from "./testing/run-tests.ts";

const oneByOne = [...browserKinds, ...engineKinds, ...metalKinds];

await command(async () => {
  const asked = process.argv.slice(2).map(kindOf);
  const kinds = asked.length > 0 ? asked : quickKinds;
  const counts = await runTests(kinds, kinds.some((kind) => oneByOne.includes(kind)) ? 1 : true);
  console.log(summary(counts));
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
});
