/** A draft is written, proved while it is written, and never lost nor overwritten. */
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { violationsOn } from '../../settings/test/axe.js';
import { documentInForce } from '../../test/e2e/admins.js';
import { listAt, numberAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { errorsOn, goTo, paste, sealOf, textOf, unquoted } from './desk.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf, signIn } from './stage.js';

const WRITER = ['policy_admin'] as const;
const save = (page: Page) => page.getByRole('button', { name: 'Save' });

await onStage(({ service, admins, open }) => {
  const draftOf = (page: Page) => page.url().split('/').at(-1) ?? '';
  const stored = async (id: string) => (await admins.send('ann', 'GET', `/drafts/${id}`)).body;
  /** Somebody else changes the title of a purpose. */
  const changed = async (id: string, purpose: number, title: string) =>
    admins.patch('bob', { id, edit: numberAt(await stored(id), 'edit'), content: '' }, [
      { op: 'replace', path: `/purposes/${purpose}/title`, value: title },
    ]);
  const opened = async (who: string) => {
    const { id } = await admins.draft('ann', []);
    const page = await open(who, WRITER, `drafts/${id}`);
    expect(await sealOf(page)).toContain('The floor holds');
    return { id, page };
  };

  test('somebody opens a draft, writes, sees that the floor holds, and saves', async () => {
    const page = await open('ann', WRITER, 'drafts');
    await page.getByLabel('Why the policy is to change').fill('plainer words <b>for research</b>');
    await page.getByRole('button', { name: 'Open a draft' }).click();
    expect(await sealOf(page)).toContain('The floor holds');
    const decide = page.getByRole('link', { name: 'See what it changes for whom, and decide' });
    await decide.click();
    await page.getByText('by ann, edit 1, open.').waitFor();
    await page.getByRole('link', { name: 'To the draft' }).click();
    expect(await sealOf(page)).toContain('The floor holds');
    await goTo(page, 'title: Research');
    await page.keyboard.type(' in our labs');
    // before, there is nothing to save, and the seal is that of the text before
    await page.getByText('Not saved yet.').waitFor();
    expect(await sealOf(page)).toContain('The floor holds');
    await save(page).press('Enter');
    await page.getByText('Saved as edit 2.').waitFor();
    // there is nothing more to save, and whoever came by the keyboard sees where they are
    expect(await page.locator(':focus-visible').innerText()).toContain('Saved as edit 2.');
    // one's own edit is none of somebody else
    await decide.click();
    await page.getByText('by ann, edit 2, open.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.getByRole('link', { name: 'To the draft' }).click();
    await textOf(page).waitFor();
    const { purposes } = Object(valueAt(await stored(draftOf(page)), 'document'));
    expect(purposes.map(({ title }: { readonly title: string }) => title)).toContain('Research in our labs');
    await page.getByRole('link', { name: 'Drafts' }).click();
    await page.getByRole('link', { name: 'plainer words <b>for research</b>', exact: true }).waitFor();
    await page.context().close();
  });

  test('what is said while one types is what the service says of the same text', async () => {
    const { id, page } = await opened('ann');
    const document = await documentInForce(admins);
    const research = document.purposes.findIndex((purpose) => purpose.id === 'research');
    const withPurpose = (change: object) => ({
      ...document,
      purposes: document.purposes.map((one, place) => (place === research ? { ...one, ...change } : one)),
    });
    const lowered = {
      ...withPurpose({ categories: ['profile', 'private_message'] }),
      floor: { private_message: [...(document.floor.private_message ?? []), 'research'] },
    };
    for (const text of [
      writePolicyYaml(document),
      writePolicyYaml(lowered),
      writePolicyYaml(withPurpose({ categories: ['profile', 'private_message'] })),
      writePolicyYaml(withPurpose({ parent: 'reserch', settings: { EU: 'opt_im' }, descripton: 'x' })),
      writePolicyYaml({ ...document, purposes: [] }),
    ]) {
      await paste(page, text);
      const errors = await errorsOn(page);
      if (await save(page).isEnabled()) await save(page).click();
      await expect.poll(() => save(page).isEnabled()).toBe(false);
      // a button is not enabled either while it saves
      await page.getByText('Not saved yet.').waitFor({ state: 'detached' });
      const check = (await admins.send('ann', 'GET', `/drafts/${id}/check`)).body;
      expect(errors.toSorted()).toEqual(
        listAt(check, 'errors')
          .map((error) => unquoted(textAt(error, 'message')))
          .sort(),
      );
      if (errors.length > 0) continue;
      const says = listAt(check, 'floor', 'of_base', 'violations').map((violation) =>
        unquoted(textAt(violation, 'says')),
      );
      const shown = await page.locator('.seal li').allInnerTexts();
      expect(shown).toEqual([
        ...listAt(check, 'floor', 'changes').map((one) => unquoted(String(one))),
        ...says.slice(0, 5),
      ]);
      expect(await page.locator('.seal').getAttribute('data-seal')).toBe(
        says.length === 0 ? 'holds' : 'lowered',
      );
    }
    await page.context().close();
  });

  test('an error leads to its place', async () => {
    const { page } = await opened('ann');
    await goTo(page, 'title: Research');
    await page.keyboard.press('Enter');
    await page.keyboard.insertText('settigns: {}');
    await expect.poll(() => errorsOn(page)).toEqual(['there is no settigns here: did you mean settings?']);
    await textOf(page).press('Control+Home');
    await page.getByRole('button', { name: /^line \d+, column 5$/ }).click();
    await expect.poll(() => textOf(page).evaluate((text) => text.matches(':focus'))).toBe(true);
    await page.keyboard.press('Control+Delete');
    await page.keyboard.press('Control+Delete');
    await expect
      .poll(() => errorsOn(page))
      .not.toContain('there is no settigns here: did you mean settings?');
    await page.context().close();
  });

  test('what was proved of one text is not said of the next, and a proof that ends is none', async () => {
    const { page } = await opened('ann');
    // of this text nothing more is asked
    await page.locator('section[aria-labelledby="lints"]').waitFor();
    // the Worker ends when it is asked, as one without memory does
    await page.evaluate(() => {
      const asked = Object.getOwnPropertyDescriptor(Worker.prototype, 'postMessage') ?? {};
      const ends = () => Object.defineProperty(Worker.prototype, 'postMessage', asked);
      document.addEventListener('end', ends, { once: true });
      Worker.prototype.postMessage = function () {
        document.documentElement.dataset['asked'] = 'yes';
        document.addEventListener('end', () => this.dispatchEvent(new ErrorEvent('error')), { once: true });
      };
    });
    await goTo(page, 'title: Research');
    await page.keyboard.press('Enter');
    const says = page.locator('.seal-says');
    await expect.poll(() => says.innerText()).toContain('Being proved');
    expect(await page.locator('.seal').innerText()).not.toContain('questions examined');
    // it is asked once what is being proved is drawn
    await page.locator('html[data-asked]').waitFor();
    await page.evaluate(() => document.dispatchEvent(new Event('end')));
    await expect.poll(() => says.innerText()).toMatch(/Not proved$/);
    await page.keyboard.press('Backspace');
    await expect.poll(() => says.innerText()).toContain('The floor holds');
    await page.context().close();
  });

  test('keys and names are offered', async () => {
    const { page } = await opened('ann');
    await goTo(page, 'id: ads.personalised');
    await page.keyboard.press('Enter');
    await page.keyboard.type('req');
    await page.getByRole('listbox').getByRole('option', { name: 'requires' }).click();
    await page.keyboard.type('[resea');
    await page.getByRole('listbox').getByRole('option', { name: 'research' }).click();
    await expect.poll(() => sealOf(page)).toContain('The floor holds');
    await page.context().close();
  });

  test('a form writes into the text', async () => {
    const { id, page } = await opened('ann');
    await page.getByText('Write by a form').first().click();
    await page.locator('select[name=purpose]').selectOption('research');
    const settings =
      (await documentInForce(admins)).purposes.find(({ id }) => id === 'research')?.settings ?? {};
    await page.locator('select[name=setting]').selectOption('never');
    // what is typed until the form has its answer stays
    const held: Route[] = [];
    await page.route('**/edit-*.js', (route) => void held.push(route));
    await page.getByRole('button', { name: 'Write it into the text' }).click();
    await goTo(page, 'title: Research');
    await page.keyboard.type(' by hand');
    await expect.poll(() => held.length).toBe(1);
    await held[0]?.continue();
    await page.getByText('The text was changed meanwhile').waitFor();
    expect(await textOf(page).innerText()).toContain('Research by hand');
    for (let typed = 0; typed < ' by hand'.length; typed++) await page.keyboard.press('Backspace');
    // a law that is stricter than that of unknown regions is an error, until both are alike
    for (const [regime, errors] of [
      ['UK', 1],
      ['EU_EEA_CH', 0],
    ] as const) {
      await page.locator('select[name=regime]').selectOption(regime);
      await page.getByLabel(`Setting (now ${settings[regime]})`).waitFor();
      await page.getByRole('button', { name: 'Write it into the text' }).click();
      await expect.poll(async () => (await errorsOn(page)).length).toBe(errors);
    }
    await page.getByText('Not saved yet.').waitFor();
    expect(await sealOf(page)).toContain('The floor holds');
    await save(page).click();
    await page.getByText('Saved as edit 2.').waitFor();
    const { purposes } = await documentInForce(admins);
    const research = purposes.findIndex((purpose) => purpose.id === 'research');
    expect(valueAt(await stored(id), 'document', 'purposes', research, 'settings')).toEqual({
      ...purposes[research]?.settings,
      UK: 'never',
      EU_EEA_CH: 'never',
    });
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Not saved yet.').waitFor();
    await page.context().close();
  });

  test('a form writes a law, with its titles, its regions and a setting of every purpose', async () => {
    const { id, page } = await opened('ann');
    await page.getByText('Write by a form').first().click();
    await page.locator('select[name=form]').selectOption('regime');
    await page.getByLabel('Id', { exact: true }).fill('BR');
    await page.getByLabel('Title, as people read it').fill('Brazil');
    await page.getByLabel('Title in the language de').fill('Brasilien');
    await page.getByLabel('Regions: codes of countries or of their parts').fill('BR, BR-SP');
    await page.locator('select[name=like]').selectOption('EU_EEA_CH');
    expect(await violationsOn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Write it into the text' }).click();
    await page.getByText('Not saved yet.').waitFor();
    await expect.poll(() => sealOf(page)).toContain('The floor holds');
    expect(await errorsOn(page)).toEqual([]);
    await save(page).click();
    await page.getByText('Saved as edit 2.').waitFor();
    const document = valueAt(await stored(id), 'document');
    expect(listAt(document, 'regimes').at(-1)).toEqual({
      id: 'BR',
      title: 'Brazil',
      translations: { de: { title: 'Brasilien' } },
      regions: ['BR', 'BR-SP'],
    });
    for (const purpose of listAt(document, 'purposes'))
      expect(valueAt(purpose, 'settings', 'BR')).toBe(valueAt(purpose, 'settings', 'EU_EEA_CH'));
    await page.context().close();
  });

  test('a session that ends in the middle, and a tab that is closed, lose nothing', async () => {
    const { id, page } = await opened('ann');
    await goTo(page, 'title: Research');
    await page.keyboard.type(' that is kept');
    await sealOf(page);
    await page.context().clearCookies();
    await save(page).click();
    await page.getByText('You are signed out. Your text is kept in this browser.').waitFor();
    await signIn(page, 'ann', WRITER);
    await page.getByText('You have text of this draft that was not saved').waitFor();
    const other = await page.context().newPage();
    await page.close();
    await other.goto(`${service.url}/console/drafts/${id}`);
    await other.getByRole('button', { name: 'Go on with it' }).waitFor();
    // until somebody has said what becomes of it, nothing takes its place
    expect(await other.getByText('Write by a form').count()).toBe(0);
    expect(await save(other).count()).toBe(0);
    await other.getByRole('button', { name: 'Go on with it' }).click();
    expect(await sealOf(other)).toContain('The floor holds');
    await save(other).click();
    await other.getByText('Saved as edit 2.').waitFor();
    expect(JSON.stringify(await stored(id))).toContain('Research that is kept');
    await other.reload();
    await textOf(other).waitFor();
    expect(await other.getByText('You have text of this draft that was not saved').count()).toBe(0);
    await other.context().close();
  });

  test('a later edit of somebody else is told at once, and both are brought together', async () => {
    const { id, page } = await opened('ann');
    await goTo(page, 'title: Research');
    await page.keyboard.type(' by ann');
    await changed(id, 0, 'A title by bob');
    await page.getByText('Somebody saved a later edit: 2').waitFor();
    expect(await save(page).isEnabled()).toBe(false);
    await page.getByRole('button', { name: 'Bring both together' }).click();
    await page.getByText('No place was changed by both.').waitFor();
    await page.getByRole('button', { name: 'Go on with the right side' }).click();
    expect(await sealOf(page)).toContain('The floor holds');
    await save(page).click();
    await page.getByText('Saved as edit 3.').waitFor();
    const text = JSON.stringify(await stored(id));
    expect(text).toContain('Research by ann');
    expect(text).toContain('A title by bob');
    await page.context().close();
  });

  test('who saves before it is told overwrites nothing, and sees where both wrote', async () => {
    const { id, page } = await opened('ann');
    const { purposes } = await documentInForce(admins);
    await goTo(page, `title: ${purposes[0]?.title}`);
    await page.keyboard.type(' by ann');
    await sealOf(page);
    // it is edited before the page looks again
    const address = `**/v1/policies/drafts/${id}`;
    const body = JSON.stringify(await stored(id));
    await page.route(address, (route) => route.fulfill({ contentType: 'application/json', body }));
    await changed(id, 0, 'A title by bob');
    const refused = page.waitForResponse('**/document');
    await save(page).click();
    await refused;
    await page.unroute(address);
    await page.getByText('Somebody saved a later edit: 2').waitFor();
    expect(textAt(await stored(id), 'document', 'purposes', 0, 'title')).toBe('A title by bob');
    await page.getByRole('button', { name: 'Bring both together' }).click();
    await page.getByText(/^One place was changed by both\./).waitFor();
    await page.getByRole('button', { name: 'Take theirs here' }).first().click();
    await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
    await page.getByRole('combobox', { name: 'Sprache' }).selectOption('en');
    await page.getByRole('button', { name: 'Go on with the right side' }).click();
    expect(await sealOf(page)).toContain('The floor holds');
    // it is theirs, whole
    await page.getByText('Nothing is unsaved.').waitFor();
    await page.context().close();
  });

  test('who has not written anything sees a later edit by itself', async () => {
    const { id, page } = await opened('ann');
    await changed(id, 0, 'A title by bob');
    await page.getByText('Edit 2 was saved elsewhere. This is it.').waitFor();
    await goTo(page, 'A title by bob');
    await page.context().close();
  });

  test('a service that fails is told, and the text stays', async () => {
    const { page } = await opened('ann');
    await goTo(page, 'title: Research');
    await page.keyboard.type(' again');
    await sealOf(page);
    await page.route('**/document', (route) => route.fulfill({ status: 503, json: {} }));
    await save(page).click();
    await page.getByText('The answer could not be understood, so it is not shown.').waitFor();
    await page.unroute('**/document');
    await save(page).click();
    await page.getByText('Saved as edit 2.').waitFor();
    // nor is it called unsaved by whoever goes on before the answer to the save
    await textOf(page).press('Enter');
    await sealOf(page);
    const held: Route[] = [];
    await page.route('**/document', (route) => void held.push(route));
    await save(page).click();
    await page.getByRole('link', { name: 'Drafts' }).click();
    await page.getByRole('heading', { name: 'Open a draft' }).waitFor();
    const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => /draft/.test(key)));
    await expect.poll(() => held.length).toBe(1);
    expect(await kept()).toHaveLength(1);
    await held[0]?.continue();
    await expect.poll(kept).toEqual([]);
    await page.context().close();
  });

  test('a draft is discarded, and takes no more edits', async () => {
    const { id, page } = await opened('ann');
    await page.getByRole('button', { name: 'Discard the draft' }).click();
    await page.getByRole('button', { name: /^Discard it/ }).click();
    await page.getByText('The draft takes no more edits.').waitFor();
    expect(textAt(await stored(id), 'status')).toBe('discarded');
    await page.context().close();
  });

  test('the keyboard comes to the text, and on', async () => {
    const { page } = await opened('ann');
    const name = () =>
      page.evaluate(
        () => (document.activeElement?.shadowRoot?.activeElement ?? document.activeElement)?.ariaLabel,
      );
    await page.getByRole('button', { name: 'Discard the draft' }).focus();
    const seen: unknown[] = [];
    while (seen.length < 9 && seen.at(-1) !== 'The policy of the draft, as YAML') {
      await page.keyboard.press('Tab');
      seen.push(await name());
    }
    expect(seen.at(-1)).toBe('The policy of the draft, as YAML');
    await page.keyboard.press('Tab');
    expect(await name()).not.toBe('The policy of the draft, as YAML');
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, it has no fault that axe finds',
    async (colorScheme, width, language) => {
      const { id } = await admins.draft('ann', []);
      const page = await open('ann', WRITER, `drafts/${id}`, {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await sealOf(page);
      await goTo(page, 'title: Research');
      await page.keyboard.press('Enter');
      await page.keyboard.insertText('settigns: {}');
      await expect.poll(() => errorsOn(page)).not.toEqual([]);
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `draft-${colorScheme}-${width}`);
      await changed(id, 0, 'A title by bob');
      await page.getByRole('button', { name: 'Bring both together' }).click();
      await page.getByText('No place was changed by both.').waitFor();
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `draft-merge-${colorScheme}-${width}`);
      await page.goto(`${service.url}/console/drafts?show=all`);
      await page.getByRole('table').waitFor();
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `drafts-${colorScheme}-${width}`);
      await page.context().close();
    },
  );
});
