/** Runs the body of a command; a failure is one clear line, not a stack trace (METALFORM_DEBUG shows that). */
export async function command(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    const debug = Boolean(process.env["METALFORM_DEBUG"]);
    console.error(debug || !(error instanceof Error) ? error : `metalform: ${error.message}`);
    process.exitCode = 1;
  }
}
