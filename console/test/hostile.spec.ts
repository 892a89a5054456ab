/**
 * A policy by somebody who means harm: its texts stay texts in every view, what they hide is shown, nothing of it runs,
 * and no view stands still.
 */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { type SeenDraft, documentInForce, draftOf, ok, pointerTo, seenIn } from '../../test/e2e/admins.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { errorsOn, paste, sealOf, textOf } from './desk.js';
import { onStage } from './stage.js';

const ADMIN = ['policy_admin'] as const;
/** Sets the title of the page, if any of it runs. */
const MARKUP = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
const LINK = `[terms](javascript:document.title='run') <a href="javascript:document.title='run'">terms</a>`;
/** Read from the right, it would say something else than it does; and words are hidden in it. */
const TURNED = 'never \u202eevah ew tahw lla daer\u202c sold\u200b to no\u2066body\u2069';
/** How each of these is shown. */
const WRITTEN = 'never ‹U+202E›evah ew tahw lla daer‹U+202C› sold‹U+200B› to no‹U+2066›body‹U+2069›';
/** Names that every object of the language has. */
const INHERITED = ['constructor', 'valueof', 'hasownproperty'] as const;
/** How long the page may be at one thing: what grows with the square of a text takes minutes, also where the machine is slow. */
const FREEZE_MS = 10_000;

/** Looks how long the page stood still, from the next view on. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    new PerformanceObserver((list) => {
      const longest = Math.max(...list.getEntries().map(({ duration }) => duration));
      document.documentElement.dataset['longest'] = String(
        Math.max(longest, Number(document.documentElement.dataset['longest'] ?? 0)),
      );
    }).observe({ type: 'longtask', buffered: true });
  });
}

async function expectHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    title: document.title,
    made: document.querySelectorAll('img, script:not([src]), iframe, a[href^="javascript:" i]').length,
    longest: Number(document.documentElement.dataset['longest'] ?? 0),
  }));
  expect(found).toEqual({ title: expect.not.stringContaining('run'), made: 0, longest: expect.any(Number) });
  expect(found.longest).toBeLessThan(FREEZE_MS);
}

await onStage(({ service, admins, open }) => {
  let before: PolicyDocument;
  let hostile: PolicyDocument;
  let draft: SeenDraft;
  beforeAll(async () => {
    before = await documentInForce(admins);
    const first = before.purposes.find(({ id }) => id === 'research');
    const field = before.fields.find(({ id }) => id === 'member.skills');
    if (first === undefined || field === undefined) throw new Error('the reference policy has neither');
    hostile = {
      ...before,
      purposes: [
        ...before.purposes.map((purpose) =>
          purpose.id === 'research'
            ? {
                ...purpose,
                title: MARKUP,
                description: `${purpose.description} ${TURNED} ${LINK}`,
              }
            : purpose,
        ),
        ...INHERITED.map((id) => ({ ...first, id, title: id })),
      ],
      fields: [...before.fields, { ...field, id: 'constructor.valueof', title: MARKUP }],
    };
    const opened = await admins.send('ann', 'POST', '/drafts', {
      body: { message: `${MARKUP} ${TURNED}`, document: hostile },
    });
    draft = seenIn(opened.body);
    const raised = listAt(await admins.check(draft), 'requirements', 'notices_to_raise').map((one) => ({
      op: 'add',
      path: `${pointerTo(hostile, 'purposes', textAt(one, 'purpose'))}/notice`,
      value: valueAt(one, 'at_least'),
    }));
    draft = seenIn(ok(await admins.patch('ann', draft, raised)));
  });

  test('whoever decides about it reads it as it is written, and what it hides', async () => {
    const page = await open('bob', ADMIN);
    await watch(page);
    await page.goto(`${service.url}/console/drafts/${draft.id}/decide`);
    await page.getByRole('heading', { name: WRITTEN }).waitFor();
    const wording = page.locator('figure.wording', { hasText: 'description' }).first();
    await wording.getByText('javascript:document').first().waitFor();
    expect((await wording.locator('ins').allInnerTexts()).join('')).toContain(WRITTEN);
    await page.locator('figure.wording', { hasText: '<img src=x onerror=' }).first().waitFor();
    await expectHarmless(page);
    for (const view of ['', 'drafts']) {
      await page.goto(`${service.url}/console/${view}`);
      await page.locator('#view').getByText(WRITTEN).first().waitFor();
      await expectHarmless(page);
    }
    await page.context().close();
  });

  test('in the editor what is hidden is seen, and names of the language are names like any other', async () => {
    const page = await open('ann', ADMIN);
    await watch(page);
    await page.goto(`${service.url}/console/drafts/${draft.id}`);
    expect(await sealOf(page)).toContain('The floor holds');
    const text = writePolicyYaml(hostile);
    const lines = text.split('\n').slice(text.split('\n').findIndex((line) => line.includes('\u202e')));
    expect(lines.length).toBeGreaterThan(1);
    await textOf(page).press('Control+Home');
    await page.keyboard.press('Control+f');
    await page.keyboard.type('evah');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect.poll(() => textOf(page).innerText()).toContain('U+202E');
    for (const [name, says] of [
      ['__proto__', 'there is no __proto__ here'],
      ['constructor', 'there is no constructor here'],
    ] as const) {
      await paste(page, `${text}${name}: {}\n`);
      await expect.poll(async () => (await errorsOn(page)).join('\n')).toContain(says);
    }
    await paste(page, text.replace('      US: opt_out\n', '      US: opt_out\n      __proto__: opt_in\n'));
    await expect.poll(async () => (await errorsOn(page)).join('\n')).toContain('__proto__');
    await expectHarmless(page);
    await page.context().close();
  });

  test('texts of megabytes, aliases of aliases and 2,000 purposes are answered in words, and nothing stands still', async () => {
    const [purpose] = before.purposes;
    const many = (count: number, text: string) => ({
      ...before,
      purposes: Array.from({ length: count }, (_, place) => ({ ...purpose, id: `p${place}`, title: text })),
    });
    const levels = Array.from({ length: 60 }, (_, level) =>
      level === 0 ? 'a0: &a0 [x]' : `a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`,
    );
    const { id } = await admins.draft('ann');
    const page = await open('ann', ADMIN);
    await watch(page);
    await page.goto(`${service.url}/console/drafts/${id}`);
    expect(await sealOf(page)).toContain('The floor holds');
    for (const [text, says] of [
      ['x'.repeat(4_000_001), 'this is too large to be read'],
      ['x'.repeat(3_900_000), 'a policy is a mapping of sections'],
      ['['.repeat(40), 'this is nested too deeply'],
      [`purposes: [${'x, '.repeat(1_000_000)}]`, 'purposes'],
      [writePolicyYaml(many(2_000, MARKUP)), 'a policy has at most 500 purposes'],
      [`a: &a [*a]\n${levels.join('\n')}`, 'YAML anchors are not used in a policy'],
      [writePolicyYaml(many(400, 'x'.repeat(5_000))), 'this text has 5000 characters: shorten it'],
    ] as const) {
      await paste(page, text);
      await expect.poll(async () => (await errorsOn(page)).join('\n')).toContain(says);
      // it answers whoever asks it something
      await page.getByRole('link', { name: 'Matrix', exact: true }).hover();
      await expectHarmless(page);
    }
    await paste(page, writePolicyYaml(before));
    await expect.poll(() => sealOf(page)).toContain('The floor holds');
    const stored = await draftOf(admins, {
      ...before,
      purposes: Array.from({ length: 2_000 }, (_, place) => ({
        id: `p${place}`,
        title: `${MARKUP} ${TURNED}`,
      })),
    });
    await page.goto(`${service.url}/console/drafts/${stored.id}/decide`);
    await page.getByText('The draft does not compile').waitFor();
    expect(await page.locator('#view').innerText()).toContain('there are 2000 entries here');
    await expectHarmless(page);
    await page.context().close();
  });

  test('once it is in force, the matrix and the line of versions show it as text', async () => {
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    const notices = valueAt(await admins.check(draft), 'requirements', 'notices');
    ok(await admins.publish('ann', draft, { notices }));
    const page = await open('ann', ADMIN);
    await watch(page);
    await page.goto(`${service.url}/console/matrix?find=constructor`);
    await page.getByRole('gridcell', { name: /^constructor, constructor\.valueof: / }).click();
    await page.getByRole('complementary').getByText('constructor.valueof').first().waitFor();
    await expectHarmless(page);
    await page.goto(`${service.url}/console/versions`);
    await page.getByRole('heading', { name: WRITTEN }).waitFor();
    await page.getByRole('link', { name: 'Compare with the one before' }).first().click();
    await page.locator('ins', { hasText: 'U+202E' }).first().waitFor();
    await expectHarmless(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').locator('input:focus').waitFor();
    await page.keyboard.type('<img');
    await page.getByRole('menuitem', { name: '<img src=x' }).first().waitFor();
    await expectHarmless(page);
    await page.context().close();
  });
});
