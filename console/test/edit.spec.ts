/** What a form writes into a text is there then, and nothing else of the text is another. */
import { describe, expect, test } from 'vitest';
import { SETTINGS } from '../../src/decision/policy.js';
import { finish } from '../../src/decision/steps.js';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { Budget, readYamlSteps } from '../../src/policy/text/policy-yaml.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { type Edit, edited } from '../src/law/edit.js';

function read(text: string): unknown {
  const result = finish(readYamlSteps(text, new Budget()));
  return result.ok ? result.text.value : result.faults;
}

const YAML = writePolicyYaml(REFERENCE);
const SPELLINGS = [
  ['as the service writes it', YAML],
  [
    'with comments, and further in',
    YAML.replaceAll(/^ +/gm, '$&  ').replaceAll(/^( *\w+: \w+)$/gm, '$1 # why'),
  ],
  ['in brackets', JSON.stringify(REFERENCE)],
  ['in brackets, over lines', JSON.stringify(REFERENCE, null, 2)],
] as const;

describe.each(SPELLINGS)('in a text %s', (_how, text) => {
  const expectOnly = (edit: Edit, changed: object) => {
    const after = edited(text, edit);
    expect(read(after.text)).toEqual({ ...REFERENCE, ...changed });
    expect(after.line).toBeLessThanOrEqual(after.text.split('\n').length);
    // one stretch is another, and of what stood there it takes a word at most
    const [one, other] = [text, after.text];
    let same = 0;
    while (same < one.length && one[same] === other[same]) same++;
    let end = 0;
    while (end < one.length - same && end < other.length - same && one.at(-1 - end) === other.at(-1 - end))
      end++;
    expect(one.slice(same, one.length - end)).toMatch(/^[\w"]*$/);
  };
  const { purposes, fields, regimes } = REFERENCE;

  test('a purpose gets a setting under a law', () => {
    for (const purpose of [purposes[0], purposes.at(-1)])
      for (const { id: regime } of regimes.slice(-2))
        for (const setting of SETTINGS)
          expectOnly(
            { kind: 'setting', purpose: purpose?.id ?? '', regime, setting },
            {
              purposes: purposes.map((one) =>
                one === purpose ? { ...one, settings: { ...one.settings, [regime]: setting } } : one,
              ),
            },
          );
  });

  test('terms of a purpose get the next number', () => {
    for (const { id, notice = 1 } of purposes.slice(-4))
      expectOnly(
        { kind: 'notice', purpose: id },
        { purposes: purposes.map((one) => (one.id === id ? { ...one, notice: notice + 1 } : one)) },
      );
  });

  test('a purpose and a field come to the end', () => {
    const purpose = {
      id: 'a.new_one',
      title: "It's: new # really",
      description: 'x'.repeat(300),
      categories: [],
    };
    expectOnly({ kind: 'entry', section: 'purposes', entry: purpose }, { purposes: [...purposes, purpose] });
    const field = { id: 'f.new', title: 'NO', category: 'unclassified' };
    expectOnly({ kind: 'entry', section: 'fields', entry: field }, { fields: [...fields, field] });
  });
});

describe.each(SPELLINGS)('in a text %s', (_how, text) => {
  test('a law comes to the end, and each purpose has the setting under it that it has under another', () => {
    const { purposes, regimes, visibility = [] } = REFERENCE;
    expect(visibility.length).toBeGreaterThan(0);
    const entry = {
      id: 'BR',
      title: 'Brazil',
      translations: { de: { title: 'Brasilien' } },
      regions: ['BR', 'NO'],
    };
    for (const { id: like } of regimes) {
      const after = edited(text, { kind: 'regime', entry, like });
      expect(read(after.text)).toEqual({
        ...REFERENCE,
        regimes: [...regimes, entry],
        purposes: purposes.map((one) => ({
          ...one,
          settings: { ...one.settings, BR: one.settings[like] },
        })),
        visibility: visibility.map((group) => ({
          ...group,
          defaults: Object.fromEntries(
            Object.entries(group.defaults).map(([age, levels]) => [age, { ...levels, BR: levels[like] }]),
          ),
        })),
      });
      if (after.text.split('\n').length > 9)
        expect(
          after.text
            .split('\n')
            .slice(after.line - 1, after.line + 2)
            .join('\n'),
        ).toContain('BR');
    }
    expect(() => edited(text, { kind: 'regime', entry, like: 'nowhere' })).toThrow(
      'something that goes by laws says nothing of `nowhere`',
    );
  });
});

test('into empty and missing sections entries come as well', () => {
  const edit = { kind: 'entry', section: 'fields', entry: { id: 'f' } } as const;
  for (const text of [
    'schema: 1',
    'schema: 1\n',
    'fields: []\nschema: 1\n',
    'fields:\nschema: 1\n',
    'fields: [] # none\nschema: 1',
  ])
    expect(read(edited(text, edit).text)).toEqual({ schema: 1, fields: [{ id: 'f' }] });
});

test('what is not there is not changed', () => {
  expect(() => edited(YAML, { kind: 'notice', purpose: 'no.such' })).toThrow('there is no purpose `no.such`');
});
