/** From the key to the verdict, measured in the browser: printed, for whoever reads the run. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { documentInForce } from '../../test/e2e/admins.js';
import { goTo, paste, sealOf } from './desk.js';
import { onStage } from './stage.js';

const KEYS = 40;

/** A policy with so many purposes and fields, of those of another. */
function grown(document: PolicyDocument, purposes: number, fields: number): PolicyDocument {
  const [kinds, data] = [
    document.purposes.filter(({ categories }) => !categories.includes('private_message')),
    document.fields.filter(
      ({ derived_from: from, visibility, replaces }) =>
        from === undefined && visibility === undefined && replaces === undefined,
    ),
  ];
  const more = <T extends { readonly id: string }>(
    all: readonly T[],
    of: readonly T[],
    most: number,
  ): T[] => [
    ...all,
    ...Array.from({ length: most - all.length }, (_, place) => of[place % of.length] ?? []).flatMap(
      (one, place) => (Array.isArray(one) ? [] : [{ ...one, id: `${one.id}_${place}` }]),
    ),
  ];
  return {
    ...document,
    purposes: more(document.purposes, kinds, purposes),
    fields: more(document.fields, data, fields),
  };
}

/** Milliseconds from each of some keys to the verdict of the text with it, the quickest first. */
async function waitsOn(page: Page): Promise<number[]> {
  const told = () =>
    page.evaluate(() =>
      performance.getEntriesByName('assent: from the key to the verdict').map(({ duration }) => duration),
    );
  await page.evaluate(() => performance.clearMeasures());
  for (let key = 1; key <= KEYS; key++) {
    await page.keyboard.type('x');
    await expect.poll(async () => (await told()).length).toBe(key);
  }
  return (await told()).toSorted((one, other) => one - other);
}

await onStage(({ admins, open }) => {
  test.each([
    ['the reference policy', undefined, 150],
    ['300 purposes and 1,000 fields', [300, 1_000], 1_000],
  ] as const)('%s is proved with every key', async (what, size, aim) => {
    const { id } = await admins.draft('ann', []);
    const page = await open('ann', ['policy_admin'], `drafts/${id}`);
    expect(await sealOf(page)).toContain('The floor holds');
    if (size !== undefined) {
      await paste(page, writePolicyYaml(grown(await documentInForce(admins), ...size)));
      await expect.poll(() => sealOf(page)).toContain('The floor holds');
    }
    await goTo(page, 'title: Research');
    const waits = await waitsOn(page);
    const at = (share: number) => Math.round(waits[Math.ceil(share * waits.length) - 1] ?? NaN);
    process.stdout.write(
      `${what}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms from the key to the verdict (aim: ${aim})\n`,
    );
    expect(await sealOf(page)).toContain('The floor holds');
    await page.context().close();
  });
});
