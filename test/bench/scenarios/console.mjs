import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WITHOUT_BROWSER, signedIn, startChromium } from '../browser.mjs';
import { decidedBeside, openDrafts, shownIn, writerOn } from '../console-impact.mjs';
import { WAYS, drawnIn, scrolledIn } from '../console-matrix.mjs';
import { grown } from '../cost.mjs';
import { referenceDocument } from '../engine.mjs';
import { startService, temporaryFolder } from '../servers.mjs';
import { settleLog } from '../settled-log.mjs';
import { median } from '../timing.mjs';

const LARGE = { purposes: 300, fields: 1_000 };
const SCREEN = { viewport: { width: 1280, height: 800 } };

export default {
  name: 'console',
  title: 'The console in a browser',
  shape: 'an admin at the console, in Chromium, 1280 × 800 pixels',
  size: `the matrix of the reference policy; scrolled: that of ${LARGE.purposes} purposes × ${LARGE.fields.toLocaleString('en')} fields`,
  worst:
    'the engine in the browser has not been asked about a law before; scrolling goes both ways at once, and each frame shows rows and columns that were not drawn',
  measures:
    'milliseconds from the choice of a law until its matrix is painted, and from the way back to the matrix until it is; frames a second while the large matrix is scrolled at 1,800 pixels a second, and how many of the places looked at were empty',
  load: 'none; the browser shares the machine with the service',
  rounds: 3,
  systems: [{ name: 'assent', title: 'Assent', note: '' }],
  headline: { metric: 'another law', unit: 'ms' },
  targets: [
    {
      says: 'ms to an impact on the screen',
      at: 'most',
      bound: 2_000,
      figure: (v) => v('assent', 'impact on the screen'),
    },
    {
      says: '× the p99 of decisions, beside impacts',
      at: 'most',
      bound: 1.5,
      figure: (v) => v('assent', 'p99 beside impacts') / v('assent', 'p99 of decisions'),
    },
    {
      says: 'ms to the matrix of another law',
      at: 'most',
      bound: 100,
      figure: (v) => v('assent', 'another law'),
    },
    {
      says: 'frames/s while the large matrix is scrolled',
      at: 'least',
      bound: 50,
      figure: (v) => Math.min(...WAYS.map((way) => v('assent', `scrolled ${way}`))),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 20_000, clicks: 3, scrollMs: 500, looks: 2, warmUpMs: 300, durationMs: 700, requests: 2_000 }
      : {
          users: 1_000_000,
          clicks: 18,
          scrollMs: 8_000,
          looks: 5,
          warmUpMs: 3_000,
          durationMs: 10_000,
          requests: 20_000,
        },
  overHttp: {
    async prepare({ users }) {
      const browser = await startChromium();
      if (browser === undefined) return {};
      const folder = await temporaryFolder();
      const document = await referenceDocument();
      const dataDir = join(folder, 'reference');
      await settleLog({ dataDir }, users);
      const server = await startService({ dataDir });
      // JSON is YAML
      await writeFile(join(folder, 'large.yaml'), JSON.stringify(grown(document, LARGE)));
      const large = await startService({ dataDir: join(folder, 'large'), env: { POLICY_DIR: folder } });
      return { browser, folder, document, dataDir, server, large };
    },
    skips: (_system, { browser }) => (browser === undefined ? WITHOUT_BROWSER : undefined),
    async measure(
      _system,
      { browser, document, dataDir, server, large },
      { clicks, scrollMs, users, looks, ...load },
    ) {
      const laws = document.regimes.map(({ id }) => id);
      const { chosen, returned } = await asAdmin(browser, server, (context) =>
        drawnIn(context, server.url, laws, clicks),
      );
      const scrolled = await asAdmin(browser, large, (context) => scrolledIn(context, large.url, scrollMs));
      const writer = await writerOn(dataDir, server);
      const drafts = await openDrafts(writer, document, looks);
      const shown = await asAdmin(browser, server, (context) => shownIn(context, server.url, drafts, users));
      const decided = await decidedBeside(server, writer, { dataDir, users, drafts, ...load });
      return [
        { metric: 'another law', unit: 'ms', value: median(chosen) },
        { metric: `slowest of ${chosen.length} laws`, unit: 'ms', value: Math.max(...chosen) },
        { metric: 'back from another view', unit: 'ms', value: median(returned) },
        ...WAYS.map((way) => ({ metric: `scrolled ${way}`, unit: '1/s', value: scrolled[way].perSecond })),
        { metric: 'longest frame', unit: 'ms', value: Math.max(...WAYS.map((way) => scrolled[way].longest)) },
        {
          metric: 'empty places',
          unit: '%',
          value: 100 * Math.max(...WAYS.map((way) => scrolled[way].empty)),
        },
        { metric: 'impact on the screen', unit: 'ms', value: median(shown) },
        { metric: 'p99 of decisions', unit: 'ms', value: decided.alone.p99 },
        { metric: 'p99 beside impacts', unit: 'ms', value: decided.beside.p99 },
        { metric: 'an impact beside decisions', unit: 'ms', value: median(decided.impacts) },
      ];
    },
    async finish({ browser, folder, server, large }) {
      await browser?.close();
      await server?.stop();
      await large?.stop();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  },
};

async function asAdmin(browser, { url }, work) {
  const context = await signedIn(browser, url, 'ann', ['policy_admin'], SCREEN);
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}
