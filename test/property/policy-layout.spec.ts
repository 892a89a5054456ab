/** A version that was pulled as files is the same version when the files are read. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { layoutOf, textOfFile } from '../../src/policy/text/policy-layout.js';
import { parsePolicyText, type PolicyText } from '../../src/policy/text/policy-text.js';
import { REFERENCE } from '../reference-policy.js';
import { soundDocuments } from './arbitraries.js';

/** What the files of a layout say together, read in the order of their names. */
function readAgain(document: PolicyDocument): unknown {
  const sections = new Map<string, unknown>();
  for (const [, content] of [...layoutOf(document)].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const { value }: PolicyText = parsePolicyText(textOfFile(content));
    if (typeof value !== 'object' || value === null) throw new Error('a file is no mapping of sections');
    for (const [section, entries] of Object.entries(value)) {
      const before: unknown = sections.get(section);
      sections.set(section, Array.isArray(before) ? before.concat(entries) : entries);
    }
  }
  return Object.fromEntries(sections);
}

it('the files of a policy, in whatever order its purposes and fields stand, are that policy again', () => {
  fc.assert(
    fc.property(
      soundDocuments.chain((document) =>
        fc
          .tuple(
            fc.shuffledSubarray([...document.purposes], { minLength: document.purposes.length }),
            fc.shuffledSubarray([...document.fields], { minLength: document.fields.length }),
          )
          .map(([purposes, fields]) => ({ ...document, purposes, fields })),
      ),
      (document) => {
        expect(readAgain(document)).toEqual(document);
      },
    ),
  );
});

it('the reference policy is laid out as the files that people keep it in', () => {
  const files = [...layoutOf(REFERENCE).keys()];
  expect(files.sort()).toEqual([
    'clients.yaml',
    ...['derived', 'engagement', 'private_message', 'profile', 'public'].map((name) => `fields/${name}.yaml`),
    'policy.yaml',
    ...[
      'ads',
      'improve',
      'legal',
      'personalise',
      'recruiting',
      'research',
      'security',
      'service',
      'share',
    ].map((name) => `purposes/${name}.yaml`),
    'transforms.yaml',
    'visibility.yaml',
  ]);
});
