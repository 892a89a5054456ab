/** Writes a policy as YAML that people read and edit; reading it gives the same policy. */
import { Document, isScalar, isSeq, visit } from 'yaml';
import { type Steps, finish } from '../../decision/steps.js';

/**
 * The order in which sections and members are written, as in the files of `policies/`; others follow in their own
 * order.
 */
const SECTIONS = words(
  'schema languages unknown_regime regimes obligations categories overlays visibility floor unlisted_clients clients purposes transforms fields removed',
);
const MEMBERS = new Map([
  ['regimes', words('id title translations regions')],
  ['obligations', words('id description translations')],
  ['categories', words('id title translations')],
  ['clients', words('id description purposes scopes')],
  [
    'purposes',
    words(`id parent requires title description translations dpv processing tcf settings
      legal_basis lapses_after categories provenance conditions obligations dp_budget notice consistency owner review_by`),
  ],
  ['visibility', words('id title description translations levels defaults')],
  ['transforms', words('id title description translations copies release')],
  [
    'fields',
    words(`id category visibility title description translations provenance derived_from transform release replaces
      identifiability special_category special_category_risk never only`),
  ],
  ['removed', words('id categories provenances visibility never only')],
]);
/** Sections whose entries are separated by blank lines. */
const SPACED = new Set(['purposes', 'visibility', 'transforms', 'fields']);
const LINE_WIDTH = 110;
/** From this length on, a text gets its own lines. */
const LONG_TEXT = 80;

/** White space at the ends of a text or of its lines. */
const UNEVEN = /^\s|\s$|[^\S\n]\n|\n[^\S\n]/;
/** Up to this length, a list stays on one line. */
const SHORT_LIST = 60;

/**
 * Writes a document as YAML, one entry of a section in each step.
 *
 * @param document a policy, sound or not: any JSON value
 */
export function* writePolicyYamlSteps(document: unknown): Steps<string> {
  if (!isRecord(document) || Object.keys(document).length === 0) return textOf(document);
  const texts: string[] = [];
  for (const [section, content] of inOrder(document, SECTIONS)) {
    const members = MEMBERS.get(section);
    if (
      members === undefined ||
      !Array.isArray(content) ||
      content.length === 0 ||
      !content.every(isRecord)
    ) {
      texts.push(textOf(Object.fromEntries([[section, content]])));
      yield;
      continue;
    }
    const entries: string[] = [];
    for (const entry of content) {
      const [, text = ''] = textOf({ [section]: [Object.fromEntries(inOrder(entry, members))] }).split(
        /^.*\n/,
      );
      entries.push(text);
      yield;
    }
    texts.push(`${section}:\n${entries.join(SPACED.has(section) ? '\n' : '')}`);
  }
  return texts.join('\n');
}

/** As {@link writePolicyYamlSteps}, at once. */
export function writePolicyYaml(document: unknown): string {
  return finish(writePolicyYamlSteps(document));
}

function words(text: string): string[] {
  return text.split(/\s+/);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inOrder(
  record: Readonly<Record<string, unknown>>,
  order: readonly string[],
): (readonly [string, unknown])[] {
  const known = order
    .filter((name) => Object.hasOwn(record, name))
    .map((name) => [name, record[name]] as const);
  return [...known, ...Object.entries(record).filter(([name]) => !order.includes(name))];
}

function textOf(value: unknown): string {
  // our reader refuses aliases; a YAML 1.1 reader would read a bare `NO` as false
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every((item) => isScalar(item)) && String(list.toJSON()).length < SHORT_LIST;
    },
    Scalar: (key, scalar, path) => {
      if (typeof scalar.value !== 'string') return;
      const long = scalar.value.length > LONG_TEXT;
      // white space that a block would lose or break at
      if (UNEVEN.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
      else if (long && key === 'value' && !isSeq(path.at(-1))) scalar.type = 'BLOCK_FOLDED';
    },
  });
  return document.toString({
    lineWidth: LINE_WIDTH,
    singleQuote: true,
    flowCollectionPadding: false,
    doubleQuotedMinMultiLineLength: Infinity,
  });
}
