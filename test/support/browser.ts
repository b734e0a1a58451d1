/** One browser for the tests of a file. */
import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../tools/testing/browser.ts";

/** To be called once, outside of tests. Without Chromium every test of the file fails and says what to install. */
export function browserOfTests(): () => Browser {
  let browser: Browser | undefined;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());
  return () => {
    if (browser === undefined) throw new Error("the browser is not open yet");
    return browser;
  };
}
