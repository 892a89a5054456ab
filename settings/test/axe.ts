/** What axe finds on a page. */
import axeCore from 'axe-core';
import type { Page } from 'playwright-core';

type Axe = {
  run: (
    on: Document,
    options: object,
  ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};
declare const axe: Axe;

/**
 * What axe finds against WCAG 2.2 AA, each with the first element. It takes the ligatures of Arabic for icons and leaves
 * their contrast out: the colours are those of English.
 */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axeCore.source);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await axe.run(document, { runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
