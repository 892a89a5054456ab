/**
 * Every fact of the reference policy on one line each, so that a change of any of them is seen in review.
 * `UPDATE_GOLDEN=1 npx vitest run --project unit test/cases/policy-facts.spec.ts` writes the table anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Field, PolicyDocument, Purpose, Setting, VisibilityGroup } from '../../src/decision/policy.js';
import { REFERENCE } from '../reference-policy.js';

const GOLDEN = new URL('policy-facts.golden.txt', import.meta.url);
const LETTERS: Record<Setting, string> = { always: 'A', opt_out: 'o', opt_in: 'i', never: 'N' };

/** Members that say what something is called, not what it means. */
const WORDS = new Set(['title', 'description', 'translations']);

it('the facts of the reference policy are those that were reviewed', async () => {
  const facts = factsOf(REFERENCE);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(GOLDEN, facts);
  expect(facts).toBe(readFileSync(GOLDEN, 'utf8'));
});

function factsOf(document: PolicyDocument): string {
  const { regimes, obligations, purposes, fields, clients = [], overlays, floor, ...others } = document;
  const { visibility = [], transforms = [], categories: _titles, ...rest } = others;
  const sections = [
    [
      '# The facts of the reference policy. Written by policy-facts.spec.ts with UPDATE_GOLDEN=1; review every change.',
      `# Settings by regime, ${regimes.map(({ id }) => id).join(' ')}: A always, o opt_out, i opt_in, N never.`,
    ],
    Object.entries(rest).map(([name, value]) => `${name}  ${JSON.stringify(value)}`),
    regimes.map(({ id, ...facts }) => `regime  ${id}  ${members(facts)}`),
    obligations.map(({ id }) => `obligation  ${id}`),
    purposes.map((purpose) =>
      purposeFacts(
        purpose,
        regimes.map(({ id }) => id),
      ),
    ),
    visibility.flatMap(groupFacts),
    transforms.map(({ id, ...facts }) => `transform  ${id.padEnd(12)}  ${members(facts)}`.trimEnd()),
    fields.map(fieldFacts),
    clients.map(({ id, ...facts }) => `client  ${id.padEnd(17)}  ${members(facts)}`),
    Object.entries(overlays).map(([name, overlay]) => `overlay  ${name}  ${members(overlay)}`),
    Object.entries(floor).map(([category, list]) => `floor  ${category}  ${list.join(' ')}`),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function purposeFacts({ id, settings, ...facts }: Purpose, regimes: readonly string[]): string {
  const letters = regimes.map((regime) => LETTERS[settings[regime] ?? 'never']).join('');
  return `purpose  ${id.padEnd(24)}  ${letters}  ${members(facts)}`;
}

function groupFacts({ id, levels, defaults, ...facts }: VisibilityGroup): string[] {
  return [
    `visibility  ${id}  ${levels.map((level) => `${level.id}=${level.category}`).join(' ')}  ${members(facts)}`.trimEnd(),
    ...Object.entries(defaults).map(([age, byRegime]) => `visibility  ${id}  ${age}  ${members(byRegime)}`),
  ];
}

function fieldFacts({ id, category, provenance, identifiability, ...facts }: Field): string {
  const what = `${(category ?? 'derived').padEnd(15)}  ${(provenance ?? '').padEnd(11)}  ${identifiability.padEnd(6)}`;
  return `field  ${id.padEnd(25)}  ${what}  ${members(facts)}`.trimEnd();
}

/** What the entry says beside its words: a member that is new to the format is shown too. */
function members(entry: object): string {
  return Object.entries(entry)
    .filter(([name, value]) => !WORDS.has(name) && value !== undefined)
    .map(
      ([name, value]) =>
        `${name}=${Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
    .sort()
    .join('  ');
}
