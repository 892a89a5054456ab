import { rm } from 'node:fs/promises';
import { WITHOUT_BROWSER, inTime, signedIn, startChromium } from '../browser.mjs';
import { startService, temporaryFolder, tokenFor } from '../servers.mjs';
import { median } from '../timing.mjs';

const USER = 'u-1';
/** Lighthouse's slow 4G: milliseconds for a request and its answer, bytes a second down and up. */
const SLOW_4G = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
};
const LOOPBACK = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
const SLOWDOWN = 4;

export default {
  name: 'page',
  title: 'The settings page in a browser',
  shape: `one user in Germany with a session, in Chromium; its processor ${SLOWDOWN} times slower, and slow 4G as Lighthouse has it: 150 ms for each request, 1.6 Mbit/s down, 0.75 up`,
  size: '22 purposes × 49 fields',
  worst: 'the first visit: nothing of the page is in the browser, which begins a process for it',
  measures:
    'milliseconds from the address until a purpose can be answered and is painted; and, without slowdown and over loopback, from the click on a no until it is painted as confirmed',
  load: 'none; the browser shares the machine with the service',
  rounds: 5,
  systems: [
    {
      name: 'assent',
      title: 'Assent',
      note: 'the document that names nothing is a page of the same service with neither script nor data: what the browser and the way take by themselves',
    },
  ],
  headline: { metric: 'first visit', unit: 'ms' },
  targets: [
    { says: 'ms to interactive', at: 'most', bound: 500, figure: (v) => v('assent', 'first visit') },
    { says: 'ms to a no confirmed', at: 'most', bound: 100, figure: (v) => v('assent', 'no confirmed') },
  ],
  options: (quick) => ({ clicks: quick ? 3 : 20 }),
  overHttp: {
    async prepare() {
      const browser = await startChromium();
      if (browser === undefined) return {};
      const dataDir = await temporaryFolder();
      const server = await startService({ dataDir });
      const token = await tokenFor(dataDir, { sub: 'accounts', purposes: [], scope: 'users:write' });
      const reply = await fetch(`${server.url}/v1/users/${USER}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ region: 'DE', age_band: 'adult' }),
      });
      if (!reply.ok) throw new Error(`the user could not be made: ${reply.status}`);
      return { dataDir, server, browser };
    },
    skips: (_system, { browser }) => (browser === undefined ? WITHOUT_BROWSER : undefined),
    async measure(_system, { server: { url }, browser }, { clicks }) {
      const context = await signedIn(browser, url, USER);
      try {
        const first = await visit(context, `${url}/settings`, 'button.choice');
        const again = await visit(context, `${url}/settings`, 'button.choice');
        const empty = await visit(context, `${url}/session/signed-out`, undefined);
        const no = await clicksOn(context, `${url}/settings`, clicks);
        return [
          { metric: 'first visit', unit: 'ms', value: first },
          { metric: 'coming back', unit: 'ms', value: again },
          { metric: 'a document that names nothing', unit: 'ms', value: empty },
          { metric: 'no confirmed', unit: 'ms', value: median(no) },
          { metric: `slowest no of ${clicks}`, unit: 'ms', value: Math.max(...no) },
        ];
      } finally {
        await context.close();
      }
    },
    async finish({ dataDir, server, browser }) {
      await browser?.close();
      await server?.stop();
      if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
    },
  },
};

/** Milliseconds until an element of the page is painted, or the document if none is named. */
async function visit(context, address, element) {
  const page = await context.newPage();
  const browser = await context.newCDPSession(page);
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', SLOW_4G);
  await browser.send('Emulation.setCPUThrottlingRate', { rate: SLOWDOWN });
  // it tells by itself: what asks in the page from outside would run there while the page draws
  await browser.send('Runtime.enable');
  await browser.send('Runtime.addBinding', { name: 'painted' });
  const painted = new Promise((resolve) => {
    browser.on('Runtime.bindingCalled', ({ payload }) => resolve(Number(payload)));
  });
  await page.addInitScript(watch, element);
  await page.goto(address);
  const ms = await inTime(painted, page);
  await page.close();
  return ms;
}

/** Runs in the page before its own scripts. @param {string | undefined} element */
function watch(element) {
  const paint = () =>
    requestAnimationFrame(() => {
      // the next task after the frame
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => globalThis.painted(String(performance.now())));
      port1.start();
      port2.postMessage(undefined);
    });
  if (element === undefined) {
    document.addEventListener('DOMContentLoaded', paint);
    return;
  }
  void customElements.whenDefined('assent-settings').then(() => {
    const root = document.querySelector('assent-settings').shadowRoot;
    const look = () => {
      if (root.querySelector(element) === null) return;
      observer.disconnect();
      paint();
    };
    const observer = new MutationObserver(look);
    observer.observe(root, { childList: true, subtree: true });
    look();
  });
}

/** Milliseconds of each of several noes to a purpose, which is allowed again after each. */
async function clicksOn(context, address, clicks) {
  const page = await context.newPage();
  const browser = await context.newCDPSession(page);
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', LOOPBACK);
  await page.goto(address);
  await page.locator('[id="purpose-recruiting"]').waitFor();
  const times = [];
  for (let click = 0; click < clicks; click++) {
    await inTime(page.evaluate(answer, 'granted'), page);
    times.push(await inTime(page.evaluate(answer, 'denied'), page));
  }
  await page.close();
  return times;
}

/** Runs in the page. @param {string} choice @returns milliseconds until it is painted as confirmed */
async function answer(choice) {
  const item = document
    .querySelector('assent-settings')
    .shadowRoot.querySelector('[id="purpose-recruiting"]')
    .closest('li');
  const button = item.querySelector(`button[value="${choice}"]`);
  const isConfirmed = () =>
    button.getAttribute('aria-pressed') === 'true' && item.querySelector('.result.done') !== null;
  const began = performance.now();
  const seen = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!isConfirmed()) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(resolve));
    });
    observer.observe(item, { childList: true, subtree: true, attributes: true });
  });
  button.click();
  await seen;
  return performance.now() - began;
}
