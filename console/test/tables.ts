/** Tables of the console, as somebody reads them. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';

/** The rows of a table, each by the headings of its columns. */
export async function rowsOf(page: Page, name: string): Promise<Readonly<Record<string, string>>[]> {
  const table = page.getByRole('table', { name, exact: true });
  await table.waitFor();
  return table.evaluate((found) => {
    const read = (cell: Element) => cell.textContent.trim();
    const [head, ...rows] = [...found.querySelectorAll('tr')];
    const names = [...(head?.children ?? [])].map(read);
    return rows.map((row) =>
      Object.fromEntries([...row.children].map((cell, place) => [names[place] ?? '', read(cell)])),
    );
  });
}

/** A number as the page writes it in English. */
export function written(value: unknown): string {
  if (typeof value !== 'number') return '–';
  return value.toLocaleString('en');
}

/** The lines of the file that a button of this name gives. */
export async function fileOf(page: Page, button: string): Promise<readonly string[]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
}
