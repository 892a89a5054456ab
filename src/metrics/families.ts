/** Texts of several workers as one. */

const END = '# EOF\n';
/** Begins a family. By the line break alone: in a label it is escaped, and other ends of lines are not. */
const FAMILY = '\n# HELP ';

/**
 * Joins texts of OpenMetrics whose samples differ by a label: each family once, with the samples of all.
 *
 * @param texts as `prom-client` writes them: of each family its help, its type, and then its samples
 */
export function joinedFamilies(texts: readonly string[]): string {
  const families = new Map<string, string>();
  for (const text of texts)
    for (const family of `\n${text.slice(0, -1 - END.length)}`.split(FAMILY).slice(1)) {
      const [help = '', type = '', ...samples] = family.split('\n');
      const head = `# HELP ${help}\n${type}\n`;
      families.set(head, (families.get(head) ?? '') + samples.map((sample) => `${sample}\n`).join(''));
    }
  return `${Array.from(families, ([head, samples]) => head + samples).join('')}${END}`;
}
