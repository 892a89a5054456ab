/** The reference policy in further languages, so that the page shows them. */
import { cp, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';

const POLICIES = fileURLToPath(new URL('../../policies/', import.meta.url));

/** Makes a text in a language of the one in German. */
type Translator = (german: string) => string;

const ARABIC = 'تُستخدم هذه البيانات كما يصفها النص الذي وافقت عليه في هذه الصفحة ';
/** Markup in a text of the policy, which must stay a text. */
export const MARKUP = '<img src=x onerror="document.title=\'run\'"><b>gras</b>&amp;';

const LANGUAGES: Readonly<Record<string, Translator>> = {
  ar: (german) =>
    ARABIC.repeat(Math.ceil(german.length / ARABIC.length))
      .slice(0, german.length)
      .trim(),
  fr: (german) => `${german} ${MARKUP}`,
};

/**
 * Copies the policy into a folder, with every text in further languages. What is asked for in Europe holds for thirteen
 * months there.
 */
export async function policyIn(folder: string): Promise<void> {
  await cp(POLICIES, folder, { recursive: true });
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.yaml') || name.endsWith('.test.yaml')) continue;
    const file = join(folder, name);
    const document = parseDocument(await readFile(file, 'utf8'));
    for (const [language, textOf] of Object.entries(LANGUAGES)) translate(document, language, textOf);
    letLapse(document);
    const list = document.get('languages');
    if (isSeq(list)) for (const language of Object.keys(LANGUAGES)) list.add(language);
    await writeFile(file, document.toString());
  }
}

function translate(document: Document, language: string, textOf: Translator): void {
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

function letLapse(document: Document): void {
  visit(document, {
    Map: (_place, map) => {
      if (map.getIn(['settings', 'EU_EEA_CH']) === 'opt_in') map.set('lapses_after', { EU_EEA_CH: 'P1Y1M' });
    },
  });
}
