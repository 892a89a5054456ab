/**
 * Each view as somebody may see it: wide and narrow, dark, in forced colours and on paper. None is wider than its
 * screen. The pictures lie in a folder to look at; with `UPDATE_PICTURES=1` those of `docs/` are made anew.
 */
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { documentInForce, draftOf, ok, publishDocument } from '../../test/e2e/admins.js';
import { peopleOf } from '../../test/e2e/people.js';
import { mayRead } from '../../test/e2e/questions.js';
import { textAt } from '../../test/e2e/replies.js';
import { usesCounted } from '../../test/e2e/on-record.js';
import { goTo, sealOf } from './desk.js';
import { onStage, pictureOf } from './stage.js';

const OFFICER = ['privacy_officer'] as const;
const ALL = ['privacy_officer', 'case_reviewer', 'security_investigator', 'case_approver'] as const;
const DOCS = new URL('../../docs/pictures/', import.meta.url).pathname;
const PURPOSE = 'recruiting';
const ADS = 'ads.personalised';
const PAPER = 'on paper';

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  'light 1280': {},
  'light 768': { viewport: { width: 768, height: 800 } },
  'dark 768': { colorScheme: 'dark', viewport: { width: 768, height: 800 } },
  'forced colours': { forcedColors: 'active' },
  [PAPER]: {},
};

await onStage(({ service, admins, open }) => {
  let views: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const people = await peopleOf(service);
    for (const [place, region] of ['US-TX', 'US-NY', 'DE', 'FR', 'GB', 'BR'].entries())
      for (let number = 0; number < 4; number++) await people.register(`u-${place}-${number}`, region);
    const widened = async (word: string): Promise<PolicyDocument> => {
      const document = await documentInForce(admins);
      return {
        ...document,
        purposes: document.purposes.map((purpose) =>
          purpose.id === PURPOSE
            ? {
                ...purpose,
                description: `${purpose.description} ${word}`,
                settings: {
                  ...purpose.settings,
                  US: purpose.settings['US'] === 'opt_in' ? 'opt_out' : 'opt_in',
                },
                notice: (purpose.notice ?? 1) + 1,
              }
            : purpose,
        ),
      };
    };
    const before = await admins.current();
    await publishDocument(admins, await widened('Recruiters pay for it.'), { [PURPOSE]: 2 });
    const after = await admins.current();
    await publishDocument(admins, await widened('They may write to you.'), { [PURPOSE]: 3 });
    const draft = await draftOf(admins, await widened('You are told who did.'));
    const ads = await service.token({ sub: 'ads', purposes: [ADS] });
    for (const field of ['member.skills', 'message.body', 'member.salary'])
      for (const user of ['u-0-0', 'u-1-0', 'u-2-0', 'u-unknown'])
        ok(
          await service.request('POST', '/access/v1/evaluation', {
            token: ads,
            body: mayRead(ADS, user, field),
          }),
        );
    const ivan = await service.token({ sub: 'ivan', roles: ['security_investigator'] });
    const opened = await service.request('POST', '/v1/cases', {
      token: ivan,
      body: {
        purpose: 'security.investigation',
        user: 'u-0-0',
        fields: ['message.metadata'],
        reviewers: [{ id: 'iris' }],
        reason: 'many messages in a minute',
        expires_at: new Date(Date.now() + 7 * 3_600_000).toISOString(),
      },
    });
    await usesCounted(service);
    const at = new Date().toISOString();
    views = {
      home: '',
      matrix: 'matrix?said=denied&cell=ads/member.skills',
      'matrix-compared': `matrix?version=${after}&with=${before}&regime=US`,
      consent: 'consent?purpose=ai',
      operation: 'operation',
      drafts: 'drafts',
      draft: `drafts/${draft.id}`,
      decide: `drafts/${draft.id}/decide?named=some`,
      versions: `versions?from=${before}&to=${after}`,
      reviews: 'reviews?within=P99Y&purpose=ai',
      replay: `replay#at=${at}&purpose=${PURPOSE}&field=member.skills&user=u-0-0`,
      uses: 'uses',
      cases: 'cases',
      case: `cases/${textAt(opened.body, 'id')}`,
      proof: 'proof',
    };
  });

  /** A view once nothing in it is on its way any more. */
  const whole = async (page: Page, view: string) => {
    await page.goto('about:blank');
    await page.goto(`${service.url}/console/${view}`);
    await page.locator('#view h1').waitFor();
    await page.waitForLoadState('networkidle');
    await expect.poll(() => page.locator('[aria-busy="true"], progress').count()).toBe(0);
  };

  test.each(Object.keys(LOOKS))('no view is wider than its screen: %s', async (look) => {
    const page = await open('oda', ALL, '', LOOKS[look] ?? {});
    if (look === PAPER) await page.emulateMedia({ media: 'print' });
    const beyond: Record<string, number> = {};
    for (const [name, view] of Object.entries(views)) {
      await whole(page, view);
      beyond[name] = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      await pictureOf(page, `${name} ${look}`, { fullPage: look === PAPER });
    }
    expect(beyond).toEqual(Object.fromEntries(Object.keys(views).map((name) => [name, 0])));
    await page.context().close();
  });

  test.runIf(process.env['UPDATE_PICTURES'] === '1')('the pictures of the docs', async () => {
    const page = await open('oda', OFFICER);
    for (const name of ['matrix', 'decide', 'versions', 'uses', 'cases', 'replay']) {
      await whole(page, views[name] ?? '');
      await page.screenshot({ path: join(DOCS, `console-${name}.png`) });
    }
    const writer = await open('ann', ['policy_admin'], views['draft']);
    await goTo(writer, 'title: Research');
    await writer.keyboard.type('\nsettigns: {}');
    await expect.poll(() => sealOf(writer)).toContain('Not proved');
    await writer.screenshot({ path: join(DOCS, 'console-draft.png') });
    for (const one of [page, writer]) await one.context().close();
  });
});
