/** The reference policy in one language more, so that the page shows it. */
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, isMap, isScalar, parseDocument, visit } from 'yaml';

const POLICIES = fileURLToPath(new URL('../../policies/', import.meta.url));

/**
 * Copies the policy into a folder, with every text in another language as well.
 *
 * @param textOf the text in that language, by the one in German
 */
export async function policyIn(
  folder: string,
  language: string,
  textOf: (german: string) => string,
): Promise<void> {
  await cp(POLICIES, folder, { recursive: true });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.yaml') || name.endsWith('.test.yaml')) continue;
    const file = join(folder, name);
    const document = parseDocument(await readFile(file, 'utf8'));
    translate(document, language, textOf);
    await writeFile(file, document.toString());
  }
}

function translate(document: Document, language: string, textOf: (german: string) => string): void {
  visit(document, {
    Pair: (_place, { key, value }) => {
      if (!isScalar(key) || key.value !== 'translations' || !isMap(value)) return;
      const german: unknown = value.get('de');
      if (!isMap(german)) return;
      const texts = Object.entries(Object(german.toJSON())).map(([name, text]) => [
        name,
        textOf(String(text)),
      ]);
      value.set(language, document.createNode(Object.fromEntries(texts)));
    },
  });
}
