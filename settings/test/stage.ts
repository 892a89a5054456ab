/** The built service, a product with the page in it, and a browser. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { afterAll, describe, inject, test } from 'vitest';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { type People, peopleOf } from '../../test/e2e/people.js';
import {
  type RunningService,
  type Service,
  serviceAt,
  startService,
  temporaryFolder,
} from '../../test/e2e/service.js';
import { WITHOUT_BROWSER, browser } from '../../test/browser.js';
import { type Host, startHost } from './host.js';
import { policyIn } from './policy.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The service that `service-setup.ts` started: its address, and its data folder, with whose key tokens are made. */
    settings: { readonly url: string; readonly dataDir: string };
  }
}

export type Stage = {
  /** That of all specs, with users of this one: no policy is published there. */
  readonly service: RunningService;
  readonly people: People;
  readonly host: Host;
  readonly chromium: Browser;
  /** A new member; resolves to their id. */
  readonly member: (region: string, ageBand?: string) => Promise<string>;
  /** The page of the service itself, as a member sees it. */
  readonly open: (user: string, options?: BrowserContextOptions) => Promise<Page>;
  readonly stop: () => Promise<void>;
};

/** With a service of its own. */
export type OwnStage = Stage & {
  readonly service: Service;
  /** Kills the service as it stands, and starts it again on its data and at its address. */
  readonly restart: () => Promise<void>;
};

/** Tests on a stage of their own, but for the service. Where there is no Chromium, they are skipped, and say so. */
export async function onStage(tests: (stage: Stage) => void): Promise<void> {
  await onSuch(() => {
    const { url, dataDir } = inject('settings');
    return openStage(serviceAt(url, dataDir));
  }, tests);
}

/** For tests that publish a policy, end the service, or wait for its ledger. */
export async function onOwnStage(tests: (stage: OwnStage) => void): Promise<void> {
  await onSuch(openOwnStage, tests);
}

async function onSuch<One extends Stage>(
  opened: () => Promise<One>,
  tests: (stage: One) => void,
): Promise<void> {
  if (WITHOUT_BROWSER !== undefined) {
    test('in Chromium', ({ skip }) => skip(WITHOUT_BROWSER));
    return;
  }
  const stage = await opened();
  describe('in Chromium', () => {
    afterAll(stage.stop);
    tests(stage);
  });
}

async function openStage(service: RunningService): Promise<Stage> {
  const chromium = await browser();
  if (chromium === undefined) throw new Error('there is no Chromium here, and CI=true asks for these tests');
  const people = await peopleOf(service);
  const host = await startHost(service);
  return {
    service,
    people,
    host,
    chromium,
    member: async (region, ageBand) => {
      const user = `member-${randomUUID()}`;
      await people.register(user, region, ageBand);
      return user;
    },
    open: async (user, options = {}) => {
      const context = await chromium.newContext({
        locale: 'en',
        viewport: { width: 1280, height: 720 },
        ...options,
        extraHTTPHeaders: { 'x-test-user': user, ...options.extraHTTPHeaders },
      });
      const page = await context.newPage();
      await page.goto(`${host.url}/settings`);
      await drawn(page);
      return page;
    },
    stop: async () => {
      await chromium.close();
      await host.stop();
    },
  };
}

async function openOwnStage(): Promise<OwnStage> {
  const policy = await temporaryFolder();
  await policyIn(policy);
  const service = await startService({ POLICY_DIR: policy });
  let running = service;
  const stage = await openStage(service);
  return {
    ...stage,
    service,
    restart: async () => {
      await running.kill('SIGKILL');
      const { port } = new URL(service.url);
      running = await startService({ POLICY_DIR: policy, DATA_DIR: service.dataDir, PORT: port });
    },
    stop: async () => {
      await stage.stop();
      await running.stop();
      if (running !== service) await service.stop();
      await rm(policy, { recursive: true });
    },
  };
}

/** Once the page stands there whole. */
export async function drawn(page: Page): Promise<void> {
  await page.locator('.root[aria-busy="false"] h2').first().waitFor();
}

export const VIEWS = ['settings', 'review', 'uses', 'record'] as const;

/** What stands in a view once what it shows was read. */
const READ = {
  settings: 'ul.cards:has(li.purpose)',
  review: 'ul.cards',
  uses: 'p:not([role]), section',
  record: 'section:has(.timeline li)',
} as const;

/** Goes to a view by its place, whatever language it is in. */
export async function show(page: Page, view: (typeof VIEWS)[number]): Promise<void> {
  await page.locator('nav button').nth(VIEWS.indexOf(view)).click();
  // an empty list is drawn, and not seen
  await page.locator(`#view-${view} ~ :is(${READ[view]})`).first().waitFor({ state: 'attached' });
}

/** The buttons with which a purpose is answered. */
export function answerFor(page: Page, title: string): { readonly refuse: Locator; readonly allow: Locator } {
  const group = page.getByRole('group', { name: `${title}: your answer`, exact: true });
  return {
    refuse: group.getByRole('button', { name: 'Refuse' }),
    allow: group.getByRole('button', { name: 'Allow' }),
  };
}

/** A purpose on the page. */
export function purposeAt(page: Page, id: string): Locator {
  return page
    .locator('li.purpose')
    .filter({ has: page.locator(`h3[id="purpose-${id}"]`) })
    .last();
}

/** As if somebody came back from another tab. */
export function comeBackTo(page: Page): Promise<void> {
  return page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange'));
  });
}
