/** A Chromium for tests: the one at `CHROMIUM_PATH`, or one that is installed. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * Starts it; `undefined`: there is none, and tests skip what needs it.
 *
 * @throws Error where there must be one, which is in CI
 */
export async function browser(): Promise<Browser | undefined> {
  const path = process.env['CHROMIUM_PATH'] ?? INSTALLED.find((one) => existsSync(one));
  if (path !== undefined) return chromium.launch({ executablePath: path });
  if (process.env['CI'] === 'true')
    throw new Error('there is no Chromium: install one, or name it in CHROMIUM_PATH');
  return undefined;
}
