// Writes src/decision/dpv-purposes.ts: the purposes of the W3C Data Privacy Vocabulary, from its own table.
//
//   git clone https://github.com/w3c/dpv && node scripts/dpv-purposes.mjs dpv/2.3/dpv/modules/purposes.csv

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const VERSION = '2.3';
const TARGET = fileURLToPath(new URL('../src/decision/dpv-purposes.ts', import.meta.url));
/** A class of the table: its term and its IRI are the first and the third column. */
const CLASS = /^"([A-Za-z]+)","class","https:\/\/w3id\.org\/dpv#\1",/;
/** The column `dpvtype`, which tells purposes from sectors. */
const PURPOSE = '","https://w3id.org/dpv#Purpose","';

const [source] = process.argv.slice(2);
if (source === undefined) {
  process.stderr.write('name the file `2.3/dpv/modules/purposes.csv` of https://github.com/w3c/dpv\n');
  process.exit(2);
}
const lines = (await readFile(source, 'utf8')).split('\n');
const terms = lines.flatMap((line) => (line.includes(PURPOSE) ? (CLASS.exec(line)?.slice(1) ?? []) : []));

await writeFile(
  TARGET,
  `/**
 * The purposes of the W3C Data Privacy Vocabulary ${VERSION} (https://w3id.org/dpv/${VERSION}/dpv/modules/purposes), by their terms.
 * Written by \`scripts/dpv-purposes.mjs\`.
 */
export const DPV_PURPOSES: ReadonlySet<string> = new Set([
${terms
  .toSorted()
  .map((term) => `  '${term}',\n`)
  .join('')}]);
`,
);
