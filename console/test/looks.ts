/** How views are looked at for faults: each scheme, width and language, and not all of them with all. */
import type { Page } from 'playwright-core';
import { violationsOn } from '../../settings/test/axe.js';

export const LOOKS = [
  ['light', 1280, 'en'],
  ['dark', 768, 'de'],
] as const;

/** What axe finds on the page in a language. It speaks English before and after. */
export async function faultsIn(page: Page, language: (typeof LOOKS)[number][2]): Promise<string[]> {
  const spoken = page.locator('header select');
  await spoken.selectOption(language);
  await page.locator(`html[lang="${language}"]`).waitFor();
  const found = await violationsOn(page);
  await spoken.selectOption('en');
  return found;
}
