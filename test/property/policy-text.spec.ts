/** Policies as texts: what is written is read again as the same, and no text makes the reader throw or hang. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type PolicyDocument, lineageOf } from '../../src/decision/policy.js';
import { parsePolicyText } from '../../src/policy/text/policy-text.js';
import { checkPolicyValue, validate } from '../at-once.js';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { RUNS, shapedDocuments, soundDocuments } from './arbitraries.js';
import { REFERENCE as reference } from '../reference-policy.js';

/** Reading is slow beside deciding: every document is some hundred words. */
const TEXTS = RUNS / 10;

const referenceText = writePolicyYaml(reference);

/** Of what texts are made that YAML writes in many ways: signs, ends of lines, and what looks like something else. */
const PIECES = [
  ...'ads| |  |\n|\n\n|: |- |#| #|"|\'|\\|>|[|{|,|&a|*a|!t|%|@|`|NO|true|1|0x1f|~|---|...|2026-01-01|\t|é|😀|\u2028'.split(
    '|',
  ),
  'a sentence that is long enough to be folded over more than one line, as those on a settings page are. ',
  '|',
];
const anyText = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.join(''));

/** As much of a text as a title has; no character is cut in half. */
function beginning(text: string): string {
  return Array.from(text).slice(0, 40).join('');
}

/** Sound documents whose texts are of every kind. */
const wordyDocuments: fc.Arbitrary<PolicyDocument> = fc
  .tuple(soundDocuments, fc.array(anyText, { minLength: 4, maxLength: 4 }))
  .map(([document, [title = 'x', description = 'x', told = 'x', field = 'x']]) => ({
    ...document,
    obligations: document.obligations.map((one) => ({ ...one, description: told })),
    purposes: document.purposes.map((one) => ({ ...one, title: beginning(title), description })),
    fields: document.fields.map((one) => ({ ...one, title: beginning(field), description })),
  }));

describe('a policy', () => {
  it('that is written as YAML is read again as the same, with nothing lost', () => {
    fc.assert(
      fc.property(wordyDocuments, (document) => {
        const read = parsePolicyText(writePolicyYaml(document));
        expect(read).toEqual({ ok: true, document, value: document });
      }),
      { numRuns: TEXTS },
    );
  });

  it('that is written as JSON is read as the same, however it is laid out', () => {
    fc.assert(
      fc.property(wordyDocuments, fc.constantFrom('', '  ', '\t'), (document, indent) => {
        expect(parsePolicyText(JSON.stringify(document, undefined, indent))).toMatchObject({
          ok: true,
          document,
        });
      }),
      { numRuns: TEXTS },
    );
  });

  it('that is unsound is read with the errors of its value, each on a line', () => {
    fc.assert(
      fc.property(shapedDocuments, (document) => {
        const checked = checkPolicyValue(document);
        const read = parsePolicyText(writePolicyYaml(document));
        expect(read).toMatchObject({ ok: checked.ok, value: document });
        if (checked.ok || read.ok) return;
        const told = read.errors.map(({ path, steps, message }) => ({ path, steps, message }));
        expect(told).toEqual(checked.errors);
        for (const { path, line } of read.errors)
          expect({ path, known: line !== undefined }).toEqual({ path, known: path !== '' });
      }),
      { numRuns: TEXTS },
    );
  });

  it.each(['"C:\\my ads"', '&a', '*a', '!t', '%YAML 1.1', '--- a', '# no comment', '- a', 'a: b'])(
    'may have %j on a line of its own in a text that is folded',
    (line) => {
      const text = `fields:\n  - description: >-\n      ${line}\n      ${line}\n`;
      expect(parsePolicyText(text)).toMatchObject({
        value: { fields: [{ description: `${line} ${line}` }] },
      });
    },
  );

  it('is written without aliases, even where its parts are the same', () => {
    const legal = ['legal', 'rights'];
    const value = { floor: { public: legal, profile: legal }, fields: [{ never: legal, only: legal }] };
    expect(parsePolicyText(writePolicyYaml(value))).toMatchObject({ value });
  });
});

describe('any JSON value', () => {
  it('is written so that it is read as the same', () => {
    const keys = fc.oneof(
      fc.constantFrom('purposes', 'fields', 'id', '__proto__', 'constructor', '<<', '1', 'NO'),
      anyText,
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false, 0, -1, 1.5, 1e21),
        anyText,
        fc.array(tie('value'), { maxLength: 3 }),
        fc
          .array(fc.tuple(keys, tie('value')), { maxLength: 3 })
          .map((members) => Object.fromEntries(members)),
      ),
    }));
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, value), { minLength: 1, maxLength: 4 }), (members) => {
        const document = Object.fromEntries(members);
        const read = parsePolicyText(writePolicyYaml(document));
        expect('value' in read ? JSON.stringify(inOrder(read.value)) : read).toBe(
          JSON.stringify(inOrder(document)),
        );
      }),
      { numRuns: TEXTS },
    );
  });
});

/** The value with its members in the order of their names. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, inOrder(member)]);
}

describe('a text that is broken anywhere', () => {
  const scraps = fc.constantFrom('|', ...'/ /  /\n/\t/:/: /- /"/\'/[/]/{/}/,/#/>/? /\n---\n'.split('/'));
  /** A part of the reference policy, with some of it replaced. */
  const brokenTexts = fc
    .tuple(
      fc.nat(referenceText.length - 2_000),
      fc.array(fc.tuple(fc.nat(1_999), fc.nat(6), scraps), { minLength: 1, maxLength: 3 }),
    )
    .map(([start, wounds]) => {
      const part = referenceText.slice(referenceText.indexOf('\n', start) + 1, start + 2_000);
      return wounds.reduce(
        (text, [at, length, scrap]) => text.slice(0, at) + scrap + text.slice(at + length),
        `purposes:\n${part}`,
      );
    });

  it('is read as the YAML library reads it in one piece, or refused', () => {
    const refusals = /anchors|aliases|tags|directives|second YAML document|nothing in it/;
    fc.assert(
      fc.property(brokenTexts, (text) => {
        const whole = parseAllDocuments(text, { prettyErrors: false, stringKeys: true, logLevel: 'silent' });
        const sound = whole.every(({ errors }) => errors.length === 0);
        const read = parsePolicyText(text);
        if (refusals.test(JSON.stringify(read.ok ? [] : read.errors))) return;
        expect({ text, sound: 'value' in read }).toEqual({ text, sound });
        if ('value' in read) expect([read.value]).toEqual(whole.map((document) => document.toJS()));
      }),
      { numRuns: TEXTS },
    );
  });
});

describe('whether a field is open to a purpose alone and never to it', () => {
  it('is told of exactly those that lie on one line of the tree', () => {
    fc.assert(
      fc.property(soundDocuments, fc.nat(), fc.nat(), (document, first, second) => {
        const purposes = new Map(document.purposes.map((purpose) => [purpose.id, purpose]));
        const ids = [...purposes.keys()];
        const [only = '', never = ''] = [ids[first % ids.length], ids[second % ids.length]];
        const fields = document.fields
          .filter(({ derived_from }) => derived_from === undefined)
          .slice(0, 1)
          .map((field) => ({ ...field, only: [only], never: [never] }));
        const meets = lineageOf(only, purposes).has(never) || lineageOf(never, purposes).has(only);
        expect(validate({ ...document, fields })).toHaveLength(meets ? 1 : 0);
      }),
      { numRuns: RUNS },
    );
  });
});
