/** Where Chromium is on this machine. Plain JavaScript, so that the benchmark has it as well. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first has no windows, and opens a page in half the time. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];
const FOLDERS = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
];
const APPLICATIONS = [...NAMES, 'Google Chrome', 'Chromium'];

/** Chromium starts its sandbox as no root, and tests may run as one. */
export const CHROMIUM_ARGS = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** The one that CHROMIUM_PATH names, or one that is installed; `undefined`: it is not on this machine. */
export function chromiumPath() {
  const named = process.env['CHROMIUM_PATH'] ?? '';
  if (named !== '') return named;
  return FOLDERS.flatMap((folder) => APPLICATIONS.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
