/** Chromium for scenarios, and people who are signed in. */
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGS, chromiumPath } from '../chromium.mjs';

/** Whatever has not come by then does not come. */
const LONGEST_MS = 60_000;

export const WITHOUT_BROWSER = 'there is no Chromium on this machine';

/** @returns {Promise<import('playwright-core').Browser | undefined>} `undefined`: there is none on this machine */
export async function startChromium() {
  const executablePath = chromiumPath();
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: CHROMIUM_ARGS });
}

/**
 * A browser of somebody who has signed in.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} url of a service in development mode
 * @param {string} user
 * @param {string[]} [roles] none: they are a user
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function signedIn(browser, url, user, roles = [], options = {}) {
  const context = await browser.newContext({ locale: 'en', ...options });
  context.setDefaultTimeout(LONGEST_MS);
  const page = await context.newPage();
  await page.goto(`${url}/session/sign-in?to=/console&user=${user}`);
  // a click waits to see what it hit, and Chromium may not answer while the page goes
  await Promise.all([page.waitForURL(`${url}/console`), page.evaluate(sendPicker, roles)]);
  await page.close();
  return context;
}

/** Runs in the page. @param {string[]} roles */
function sendPicker(roles) {
  for (const role of roles) document.querySelector(`[name="role"][value="${role}"]`).checked = true;
  document.forms[0].requestSubmit();
}

/** @throws Error with what the page shows, where something does not come */
export async function inTime(wanted, page) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, LONGEST_MS, 'late')));
  const came = await Promise.race([wanted, late]).finally(() => clearTimeout(timer));
  if (came !== 'late') return came;
  const shown = await page.locator('body').ariaSnapshot({ timeout: 5_000 });
  throw new Error(`the page did not come to it in ${LONGEST_MS / 1_000} s:\n${shown.slice(0, 2_000)}`);
}
