/** The impact of a draft: how long it takes until somebody sees it, and what those who ask for decisions notice of it. */
import { inTime } from './browser.mjs';
import { PURPOSES, questions } from './comparison.mjs';
import { PATH, bodyOf } from './scenarios/evaluation.mjs';
import { httpRequest, loadServer, tokenFor } from './servers.mjs';

const LIMIT_MS = 60_000;

/** Who writes drafts and asks for their impact, over the API. */
export async function writerOn(dataDir, { url }) {
  const token = await tokenFor(dataDir, { sub: 'bob', roles: ['policy_admin'] });
  return async (method, path, body) => {
    const reply = await fetch(`${url}/v1/policies/drafts${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const answer = await reply.json();
    if (!reply.ok) throw new Error(`${method} ${path} was answered with ${JSON.stringify(answer)}`);
    return answer;
  };
}

/** Opens drafts that close all that people may choose, and differ from each other. @returns their ids */
export async function openDrafts(writer, document, count) {
  const closed = document.purposes.map((purpose) => ({
    ...purpose,
    settings: Object.fromEntries(
      Object.entries(purpose.settings).map(([law, setting]) => [
        law,
        setting.startsWith('opt_') ? 'never' : setting,
      ]),
    ),
  }));
  const [first, ...others] = closed;
  const ids = [];
  for (let number = 1; number <= count; number++) {
    const title = `${first.title} (${number})`;
    const changed = { ...document, purposes: [{ ...first, title }, ...others] };
    ids.push((await writer('POST', '', { message: 'closes all choices', document: changed })).id);
  }
  return ids;
}

/**
 * @param {import('playwright-core').BrowserContext} context of an admin
 * @param {string} url
 * @param {string[]} drafts each is looked at for the first time
 * @param {number} users that must have been counted
 * @returns milliseconds of each, from its address
 */
export async function shownIn(context, url, drafts, users) {
  const page = await context.newPage();
  const browser = await context.newCDPSession(page);
  await browser.send('Runtime.enable');
  await browser.send('Runtime.addBinding', { name: 'painted' });
  await page.addInitScript(watch);
  const times = [];
  for (const id of drafts) {
    const painted = new Promise((resolve) => {
      browser.once('Runtime.bindingCalled', ({ payload }) => resolve(Number(payload)));
    });
    await page.goto(`${url}/console/drafts/${id}/decide`);
    times.push(await inTime(painted, page));
    const says = await page.locator('section[aria-labelledby="impact"]').innerText();
    if (!says.includes(users.toLocaleString('en')))
      throw new Error(`the impact is not that of ${users} users:\n${says}`);
  }
  await page.close();
  return times;
}

/** Runs in the page before its own scripts: tells when the bars of the impact are painted. */
function watch() {
  const observer = new MutationObserver(() => {
    if (document.querySelector('section[aria-labelledby="impact"] svg.diverging') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => globalThis.painted(String(performance.now()))));
  });
  observer.observe(document, { childList: true, subtree: true });
}

/**
 * Single decisions over HTTP, without impacts and while impacts run one after another.
 *
 * @param {{ dataDir: string, users: number, drafts: string[], warmUpMs: number, durationMs: number }} size
 */
export async function decidedBeside(server, writer, { dataDir, users, drafts, requests, ...how }) {
  const token = await tokenFor(dataDir, { sub: 'bench', purposes: PURPOSES });
  const messages = questions(requests, users, 1).map((question) =>
    httpRequest('POST', PATH, [`authorization: Bearer ${token}`], bodyOf(question)),
  );
  const load = async () => {
    const figures = await loadServer(server, messages, { connections: 64, ...how });
    if (figures.refused > 0) throw new Error(`decisions were refused:\n${figures.sample}`);
    return figures;
  };
  const alone = await load();
  const impacts = [];
  const over = new AbortController();
  const counting = (async () => {
    for (let number = 0; !over.signal.aborted; number++) {
      const began = performance.now();
      await writer('GET', `/${drafts[number % drafts.length]}/impact`);
      impacts.push(performance.now() - began);
    }
  })();
  try {
    const beside = await load();
    return { alone, beside, impacts };
  } finally {
    over.abort();
    await counting;
  }
}
