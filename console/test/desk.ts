/** What somebody does at the editor of a draft. */
import type { Page } from 'playwright-core';

/** The editor, in its shadow root. */
export const textOf = (page: Page) => page.getByRole('textbox', { name: 'The policy of the draft, as YAML' });

/** Goes to the end of the first line with these words. */
export async function goTo(page: Page, words: string): Promise<void> {
  await textOf(page).press('Control+Home');
  await page.keyboard.press('Control+f');
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
}

/** Puts a whole text in the place of what stands there, as from the clipboard. */
export async function paste(page: Page, text: string): Promise<void> {
  await textOf(page).press('Control+a');
  await textOf(page).evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** What the seal says about the text that stands there now. */
export async function sealOf(page: Page): Promise<string> {
  await page.locator('.seal[aria-busy="false"]').waitFor();
  return page.locator('.seal-says').innerText();
}

/** What is wrong, as the page says it. */
export async function errorsOn(page: Page): Promise<string[]> {
  await page.locator('.seal[aria-busy="false"]').waitFor();
  return page.locator('section[aria-labelledby="errors"] li > span').allInnerTexts();
}

/** A sentence of the service as the page shows it: names stand out, and without their backticks. */
export function unquoted(says: string): string {
  return says.replaceAll('`', '');
}
