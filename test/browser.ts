/** The Chromium that browser tests run in: the one that CHROMIUM_PATH names, or one that is installed. */
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';
import { CHROMIUM_ARGS, chromiumPath } from './chromium.mjs';

/**
 * Starts Chromium, to be closed by the caller.
 *
 * @returns `undefined` when there is none on this machine
 * @throws Error when CHROMIUM_PATH names none, or it does not start
 */
export async function browser(): Promise<Browser | undefined> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) return undefined;
  return chromium.launch({ executablePath, args: [...CHROMIUM_ARGS] });
}

/** Why tests in a browser are left out; `undefined`: they are not. With `CI=true` they never are, and fail instead. */
export const WITHOUT_BROWSER =
  chromiumPath() === undefined && process.env['CI'] !== 'true'
    ? 'not run: there is no Chromium on this machine; install one, or set CHROMIUM_PATH'
    : undefined;

/** The title of tests in a browser, and the tests; they are left out where there is none, and the title says so. */
export function describeInBrowser(title: string, tests: (started: () => Promise<Browser>) => void): void {
  const why = WITHOUT_BROWSER === undefined ? '' : ` (${WITHOUT_BROWSER})`;
  describe.skipIf(WITHOUT_BROWSER !== undefined)(`${title}${why}`, () => {
    tests(async () => {
      const found = await browser();
      if (found !== undefined) return found;
      throw new Error('there is no Chromium on this machine, and CI=true asks for these tests: install one');
    });
  });
}
