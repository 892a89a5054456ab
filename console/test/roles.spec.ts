/**
 * What each role finds in the console and may do there, held against the table of `docs/identity.md`: what the table
 * gives is offered, and of the rest the page says why not.
 */
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { documentInForce, ok, pointerTo, publishDocument } from '../../test/e2e/admins.js';
import { peopleOf } from '../../test/e2e/people.js';
import { textAt } from '../../test/e2e/replies.js';
import { rightsOfPage } from '../../test/identity-page.js';
import { type Role, onStage } from './stage.js';

const ROLES = [
  'policy_admin',
  'privacy_officer',
  'auditor',
  'case_reviewer',
  'security_investigator',
  'case_approver',
] as const satisfies readonly Role[];

/** The roles that the table lets use a route. */
const CELLS = new Map(rightsOfPage().map(({ route, admin }) => [route, admin]));
function rolesFor(route: string): Role[] {
  const cell = CELLS.get(route);
  if (cell === undefined) throw new Error(`the table has no ${route}`);
  return ROLES.filter((role) => ['any', 'anybody'].includes(cell) || cell.includes(`\`${role}\``));
}

const isLet = (role: Role, routes: readonly string[]) =>
  routes.some((route) => rolesFor(route).includes(role));

/** What stands in the navigation, with the routes of which one suffices to find something there. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  Home: ['GET /v1/waiting'],
  Matrix: ['GET /v1/policies/{id}'],
  Consent: ['GET /v1/reports/consent-counts'],
  Operation: ['GET /v1/processes'],
  Drafts: ['GET /v1/policies/drafts'],
  Versions: ['GET /v1/policies'],
  Reviews: ['GET /v1/policies/due'],
  Replay: ['POST /v1/decisions/replay'],
  Uses: ['GET /v1/uses'],
  Cases: ['GET /v1/cases', 'GET /v1/policies/{id}'],
  'Log and keys': ['GET /.well-known/receipt-keys.json'],
};

/** One thing that a view offers to whoever may use a route. */
type Offer = readonly [route: string, on: (page: Page) => Locator];
type View = {
  readonly at: string;
  /** Whoever may not use this one is told so in place of the whole view. */
  readonly sees: readonly string[];
  /** Who has the right, and takes no part in the case that is shown. */
  readonly besides?: Role;
  readonly offers: readonly Offer[];
};

const button = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name });
const section = (name: string | RegExp) => (page: Page) => page.getByRole('region', { name });
const within = (region: string, name: string) => (page: Page) =>
  page.getByRole('region', { name: region, exact: true }).getByRole('button', { name });
const act = (title: string) => (page: Page) => page.locator('details.act > summary', { hasText: title });

const DRAFTS = 'GET /v1/policies/drafts/{id}';

/** Why not, as the page says it: the roles that each sentence names. */
async function refusalsOn(page: Page): Promise<string[]> {
  const said = await page.locator('#view p').allTextContents();
  return said
    .filter((text) => /^You may (not do this|read it, and not edit it): /.test(text))
    .map((text) => ROLES.filter((role) => text.includes(role)).join(' '));
}

await onStage(({ service, admins, open }) => {
  let views: readonly View[];

  beforeAll(async () => {
    const people = await peopleOf(service);
    await people.register('u-1', 'US-TX');
    const document = await documentInForce(admins);
    const outdated = await admins.draft('ann', [
      { op: 'add', path: `${pointerTo(document, 'purposes', 'research')}/description`, value: 'Before.' },
    ]);
    await publishDocument(admins, { ...document, purposes: document.purposes.map(retitled) });
    const at = pointerTo(document, 'purposes', 'recruiting');
    const closingOf = (purpose: string) => {
      const its = pointerTo(document, 'purposes', purpose);
      return admins.draft('ann', [
        { op: 'add', path: `${its}/settings/US`, value: 'opt_in' },
        { op: 'add', path: `${its}/legal_basis/US`, value: 'consent' },
      ]);
    };
    const closing = await closingOf('ads.measurement');
    const waiting = await closingOf('ads.insights');
    for (const draft of [closing, waiting])
      for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    ok(await admins.publish('ann', waiting, { publish_at: tomorrow }));
    ok(await admins.send('ann', 'PUT', `/drafts/${closing.id}/shadow`, { body: {} }));
    // the terms change, and the number of the notice does not
    const unraised = await admins.draft('ann', [
      { op: 'add', path: `${at}/settings/US`, value: 'opt_out' },
      { op: 'add', path: `${at}/description`, value: 'Other terms.' },
    ]);
    const safety = await service.token({
      sub: 'safety',
      purposes: ['safety.report_review'],
      scope: 'cases:write',
    });
    const ivan = await service.token({ sub: 'ivan', roles: ['security_investigator'] });
    const caseOf = async (token: string, more: object) => {
      const { status, body } = await service.request('POST', '/v1/cases', {
        token,
        body: {
          user: 'u-1',
          reason: 'a test',
          expires_at: tomorrow,
          // those who take part see it, and the approver must not read
          reviewers: ['case_reviewer', 'security_investigator'].map((id) => ({ id })),
          ...more,
        },
      });
      expect(status, JSON.stringify(body)).toBe(201);
      return textAt(body, 'id');
    };
    const going = await caseOf(safety, { purpose: 'safety.report_review', report: 'r-1', items: ['m-1'] });
    const asked = await caseOf(ivan, { purpose: 'security.investigation', fields: ['message.metadata'] });
    views = [
      {
        at: '',
        sees: ['GET /v1/waiting'],
        offers: [['GET /v1/policies/drafts', (page) => page.locator(`a[href$="${closing.id}/decide"]`)]],
      },
      {
        at: 'matrix',
        sees: ['GET /v1/policies/{id}'],
        offers: [['GET /v1/policies/{id}', (page) => page.getByRole('grid')]],
      },
      {
        at: 'consent?purpose=ai',
        sees: ['GET /v1/reports/consent-counts'],
        offers: [
          ['GET /v1/reports/consent-counts', section('Day by day')],
          ['GET /v1/reports/consent-balance', section('Who is in and who is not')],
          ['GET /v1/extracts', section('Extracts for training')],
        ],
      },
      {
        at: 'operation',
        sees: ['GET /v1/processes'],
        offers: [
          ['GET /v1/processes', section('Processes')],
          ['GET /v1/imports', section('Imports')],
          ['GET /v1/policies/{id}', section('Clients')],
          ['GET /v1/budgets', section('Privacy budgets')],
        ],
      },
      {
        at: 'drafts',
        sees: ['GET /v1/policies/drafts'],
        offers: [
          ['GET /v1/policies/drafts', (page) => page.getByRole('table')],
          ['POST /v1/policies/drafts', button('Open a draft')],
        ],
      },
      {
        at: `drafts/${outdated.id}`,
        sees: [DRAFTS],
        offers: [
          ['PUT /v1/policies/drafts/{id}/document', button('Save')],
          ['POST /v1/policies/drafts/{id}/rebase', button('Follow the version in force')],
          ['DELETE /v1/policies/drafts/{id}', button('Discard the draft')],
        ],
      },
      {
        at: `drafts/${outdated.id}/decide`,
        sees: [DRAFTS],
        offers: [['POST /v1/policies/drafts/{id}/rebase', button('Make it follow the version in force')]],
      },
      {
        at: `drafts/${closing.id}/decide`,
        sees: [DRAFTS],
        offers: [
          ['GET /v1/policies/drafts/{id}/check', (page) => page.getByText(/^Of [\d,]+ cells/)],
          ['GET /v1/policies/drafts/{id}/impact', button('Count again')],
          ['POST /v1/policies/drafts/{id}/approvals', within('Approve', 'Approve')],
          ['POST /v1/policies/drafts/{id}/declines', within('Decline', 'Decline')],
          ['POST /v1/policies/drafts/{id}/publication', within('Publish', 'Publish now')],
        ],
      },
      {
        at: `drafts/${closing.id}/shadow`,
        sees: [DRAFTS],
        offers: [
          ['GET /v1/policies/drafts/{id}/shadow', section('What it has seen')],
          ['PUT /v1/policies/drafts/{id}/shadow', button('Start it anew')],
          ['DELETE /v1/policies/drafts/{id}/shadow', button('End it')],
        ],
      },
      {
        at: `drafts/${waiting.id}/decide`,
        sees: [DRAFTS],
        offers: [['DELETE /v1/policies/drafts/{id}/publication', within('Publish', 'Withdraw')]],
      },
      {
        at: `drafts/${unraised.id}/decide`,
        sees: [DRAFTS],
        offers: [['PATCH /v1/policies/drafts/{id}/document', button('Raise the notices in the draft')]],
      },
      {
        at: 'versions',
        sees: ['GET /v1/policies'],
        offers: [
          ['GET /v1/policies', (page) => page.getByRole('list', { name: 'Publications' })],
          ['POST /v1/policies/drafts', (page) => page.getByRole('link', { name: 'Return to this version' })],
        ],
      },
      {
        at: 'reviews?within=P99Y',
        sees: ['GET /v1/policies/due'],
        offers: [
          ['GET /v1/policies/due', section(/^Due by/)],
          ['GET /v1/policies/reviews', section('Reviews')],
          ['POST /v1/policies/reviews', button(/^Review it: /)],
        ],
      },
      {
        at: 'replay',
        sees: ['POST /v1/decisions/replay'],
        offers: [['POST /v1/decisions/replay', button('Repeat the decision')]],
      },
      {
        at: 'uses',
        sees: ['GET /v1/uses'],
        offers: [
          ['GET /v1/uses', section('The uses')],
          ['GET /v1/uses/counts', section('How often')],
        ],
      },
      {
        at: 'cases',
        sees: ['GET /v1/cases', 'GET /v1/policies/{id}'],
        offers: [
          ['GET /v1/cases', section('The register')],
          ['POST /v1/cases', (page) => page.locator('form[aria-label="Open a case"]')],
        ],
      },
      {
        at: `cases/${going}`,
        sees: ['GET /v1/cases/{id}'],
        besides: 'security_investigator',
        offers: [
          ['GET /v1/cases/{id}', section('What you can do')],
          ['POST /v1/cases/{id}/extensions', act('Ask for a later end')],
          ['POST /v1/cases/{id}/reviewers', act('Name other readers')],
          ['POST /v1/cases/{id}/closings', act('Close the case')],
        ],
      },
      {
        at: `cases/${asked}`,
        sees: ['GET /v1/cases/{id}'],
        besides: 'case_reviewer',
        offers: [
          ['POST /v1/cases/{id}/approvals', act('Approve the case')],
          ['POST /v1/cases/{id}/closings', act('Close the case')],
        ],
      },
      {
        at: 'proof',
        sees: ['GET /.well-known/receipt-keys.json'],
        offers: [
          ['POST /v1/log/verification', button('Verify the whole log')],
          ['GET /v1/erasures', section('Erasures')],
          ['POST /v1/receipt-keys', button('Make a new key')],
        ],
      },
    ];
  });

  describe.each(ROLES)('who has the role %s', (role) => {
    test('is led to the views that have something for them, by the navigation and by the palette', async () => {
      const page = await open(role, [role]);
      const found = Object.keys(ENTRIES).filter((name) => isLet(role, ENTRIES[name] ?? []));
      const sections = page.getByRole('navigation', { name: 'Sections' });
      const names = await sections.getByRole('link').allTextContents();
      expect(names.toSorted()).toEqual(found.toSorted());
      const others = await sections.locator('p.entry').allTextContents();
      expect(others.toSorted()).toEqual(
        Object.keys(ENTRIES)
          .filter((name) => !found.includes(name))
          .map((name) => `${name} not with your roles`)
          .toSorted(),
      );
      await page.keyboard.press('Control+k');
      await page.getByRole('menuitem', { name: 'Home', exact: true }).waitFor();
      const offered = await page.getByRole('menuitem').allTextContents();
      expect(offered.filter((name) => name in ENTRIES).toSorted()).toEqual(found.toSorted());
      await page.context().close();
    });

    test('is offered what the table gives them in each view, and told why not the rest', async () => {
      const page = await open(role, [role]);
      const wrong: string[] = [];
      for (const { at, sees, besides, offers } of views) {
        if (besides === role) continue;
        await page.goto(`${service.url}/console/${at}`);
        await page.locator('#view h1').waitFor();
        const isOpen = isLet(role, sees);
        const given = offers.filter(([route]) => isOpen && isLet(role, [route]));
        for (const [route, on] of given)
          await on(page)
            .first()
            .waitFor({ state: 'attached' })
            .catch(() => wrong.push(`${at}: ${route} is not offered`));
        // nobody here has a token
        if (/use the token/.test(await page.locator('#view').innerText()))
          wrong.push(`${at}: says what to do with a token`);
        const refused = offers.filter((offer) => !given.includes(offer));
        const reasons = new Set(
          refused.map(([route]) => rolesFor(isOpen ? route : (sees[0] ?? '')).join(' ')),
        );
        for (const reason of reasons)
          await expect
            .poll(() => refusalsOn(page))
            .toContain(reason)
            .catch(() => wrong.push(`${at}: nothing says that it is for ${reason}`));
        for (const [route, on] of refused)
          if ((await on(page).count()) > 0) wrong.push(`${at}: ${route} is offered`);
        // what may be done does not fail, and what may not is not tried
        for (const alert of await page.locator('#view').getByText('Your roles do not allow this.').all())
          wrong.push(`${at}: ${await alert.innerText()}`);
      }
      expect(wrong).toEqual([]);
      await page.context().close();
    });
  });
});

function retitled<P extends { readonly id: string; readonly title: string }>(purpose: P): P {
  return purpose.id === 'research' ? { ...purpose, title: 'Research again' } : purpose;
}
