/**
 * Five hundred single edits of the reference policy, or the first hundred of them, the same in every run. Whether one opens a cell below the floor of the
 * reference policy is found out by asking, without anything of the proof; the proof must accuse these and no others.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestFacts } from '../../src/decision/rules/ability.js';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import {
  AGE_BANDS,
  EMPTY_RECORD,
  type RecordedChoice,
  type UserRecord,
} from '../../src/decision/consent-event.js';
import { type FloorProof, changeOfFloor, floorOf, proveFloor } from '../../src/decision/comparison/floor.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { decideAtLevel, decideByRules } from '../../src/decision/rules/reference.js';
import { finish } from '../../src/decision/steps.js';
import { type DecisionTable, PERMITTED, REASON_CODES, factsIndex } from '../../src/decision/table/table.js';
import { expectedDependencies, expectedRegime } from '../oracle.js';
import { CASES, reference } from './arbitraries.js';
import { edits } from './edits.js';
import { MESSAGES, READERS } from './private-messages.js';
import { compile, tabulate } from '../at-once.js';
import { times } from '../times.js';

const EDITS = times(500, 100);
const SEED = 4;
/** A test in which few edits open a message, or few do not, would say little. */
const LEAST = EDITS / 10;

const FACTS: readonly RequestFacts[] = (['automated', 'human'] as const).flatMap((actor) =>
  CASES.flatMap((standing) =>
    [true, false].flatMap((legalReference) =>
      [true, false].map((ownData) => ({ actor, case: standing, legalReference, ownData })),
    ),
  ),
);

/** An edit that compiles, and what was found out about it. */
type Mutant = {
  readonly what: string;
  readonly document: PolicyDocument;
  readonly policy: CompiledPolicy;
  /** Purposes and messages, such as `ads message.body`, that a permit was found for by asking. */
  readonly opened: readonly string[];
  readonly proof: FloorProof;
};

/** Every choice for these purposes, those that say the most first. */
function* spoken(
  purposes: readonly { id: string; notice: number; closable: boolean }[],
): Generator<[string, RecordedChoice][]> {
  const [first, ...rest] = purposes;
  if (first === undefined) return void (yield []);
  for (const others of spoken(rest)) {
    yield [[first.id, { choice: 'granted', notice: first.notice, signal: false }], ...others];
    // where a signal closes nothing, it does not matter that a grant was given in spite of it
    if (first.closable)
      yield [[first.id, { choice: 'granted', notice: first.notice, signal: true }], ...others];
    yield [[first.id, { choice: 'granted', notice: 0, signal: false }], ...others];
    yield others;
    yield [[first.id, { choice: 'denied', notice: 0, signal: false }], ...others];
  }
}

function* usersOf(document: PolicyDocument, purpose: string): Generator<UserRecord> {
  yield EMPTY_RECORD;
  const regions = new Map<string, string | null>([['unknown', null]]);
  for (const region of [...document.regimes.flatMap(({ regions }) => regions), 'TV'])
    regions.set(expectedRegime(document, region), region);
  const dependencies = expectedDependencies(document, purpose).map(({ id, notice = 1 }) => ({
    id,
    notice,
    closable: document.overlays.gpc.opt_out.includes(id),
  }));
  for (const said of spoken(dependencies))
    for (const region of regions.values())
      for (const ageBand of AGE_BANDS)
        for (const signals of [new Set<'gpc'>(), new Set(['gpc'] as const)])
          yield { registered: true, region, ageBand, choices: new Map(said), signals };
}

/** Data below the floor: a message, or what a member set the strictest level of a group for. */
type Private = { readonly field: string; readonly group?: string; readonly level?: string };

const BELOW: readonly Private[] = [
  ...MESSAGES.map((field) => ({ field })),
  ...[
    ['post.text', 'posts'],
    ['post.media', 'posts'],
    ['member.embedding', 'posts'],
    ['job.match', 'posts'],
    ['public.photo', 'profile_photo'],
    ['activity.connection', 'connections'],
    ['activity.reaction', 'activity'],
    ['activity.follow', 'activity'],
  ].map(([field = '', group = '']) => ({ field, group, level: 'only_me' })),
];

/** Whether the table permits the data to the purpose for any answer to what is asked of users and requests. */
function mayOpen(table: DecisionTable, purpose: string, { field, group, level }: Private): boolean {
  const [place, fieldPlace] = [table.purposeIndex(purpose), table.fieldIndex(field)];
  if (place === undefined || fieldPlace === undefined) return false;
  const said = group === undefined || level === undefined ? [] : ([[group, level]] as const);
  const regions = [...table.policy.document.regimes.map(({ regions: [region] }) => region ?? null), null];
  const reached = regions.flatMap((region) =>
    AGE_BANDS.map((ageBand) => {
      const record = { ...EMPTY_RECORD, registered: true, region, ageBand, visibility: new Map(said) };
      return table.placeAtLevel(place, fieldPlace, undefined, table.consentOf(record));
    }),
  );
  return [...new Set(reached)].some((at) =>
    REASON_CODES.some((_, consent) =>
      FACTS.some((facts) => table.decide(place, at, consent, factsIndex(facts)) === PERMITTED),
    ),
  );
}

/** Whether the rules permit the field to the purpose for any user and any request. */
function opens(policy: CompiledPolicy, purpose: string, { field, group, level }: Private): boolean {
  const clientPurposes = new Set([purpose]);
  for (const one of usersOf(policy.document, purpose)) {
    const record =
      group === undefined || level === undefined ? one : { ...one, visibility: new Map([[group, level]]) };
    for (const facts of FACTS)
      if (decideByRules(policy, { purpose, action: 'read', field, clientPurposes, record, facts }).permit)
        return true;
  }
  return false;
}

function openedBy(policy: CompiledPolicy, table: DecisionTable): string[] {
  return policy.document.purposes
    .filter(({ id }) => !READERS.has(id))
    .flatMap(({ id }) =>
      BELOW.filter((one) => mayOpen(table, id, one) && opens(policy, id, one)).map(
        ({ field }) => `${id} ${field}`,
      ),
    );
}

const accused = ({ violations }: FloorProof) =>
  violations.flatMap(({ purpose, fields }) => fields.map((field) => `${purpose} ${field.split('@', 1)[0]}`));

/** The first edits that compile, of more that are drawn: a draft that does not compile is refused without any proof. */
function drawMutants(): Mutant[] {
  const floor = floorOf(reference.document);
  const mutants: Mutant[] = [];
  for (const { what, apply } of fc.sample(edits, { seed: SEED, numRuns: EDITS * 3 })) {
    if (mutants.length === EDITS) break;
    const document = apply(reference.document);
    const result = compile(document);
    if (!result.ok) continue;
    const { policy } = result;
    const table = tabulate(policy);
    const opened = openedBy(policy, table);
    mutants.push({ what, document, policy, opened, proof: finish(proveFloor(table, floor)) });
  }
  return mutants;
}

const mutants = drawMutants();
const opening = mutants.filter(({ opened }) => opened.length > 0);
const innocent = mutants.filter(({ opened }) => opened.length === 0);

describe(`of ${mutants.length} single edits of the reference policy, ${opening.length} open a message and ${innocent.length} do not:`, () => {
  it('enough of both for this to be a test, and in several ways', () => {
    expect(mutants.length).toBe(EDITS);
    expect(opening.length).toBeGreaterThanOrEqual(LEAST);
    expect(innocent.length).toBeGreaterThanOrEqual(LEAST);
    expect(new Set(opening.map(({ what }) => what)).size).toBeGreaterThanOrEqual(4);
  });

  it('each that opens a message to a purpose is caught, with all that it opens', () => {
    const caught = mutants.map(({ what, proof }) => ({ what, accused: accused(proof).sort() }));
    expect(caught).toEqual(mutants.map(({ what, opened }) => ({ what, accused: [...opened].sort() })));
  });

  it('the others are not accused, although all cells below the floor were looked at', () => {
    for (const { proof } of innocent) {
      expect(proof).toMatchObject({ holds: true, violations: [] });
      expect(proof.cells).toBeGreaterThan(1_000_000);
    }
  });

  it('every accusation has a counterexample that the rules permit, for each of its fields', () => {
    for (const { policy, proof } of mutants)
      for (const { purpose, fields, counterexample } of proof.violations) {
        const { record, facts, regime } = counterexample;
        expect(fields).toContain(counterexample.field);
        expect(regime).toBe(record.registered ? policy.regimeInDecisions(record.region) : 'unknown');
        for (const field of fields) {
          const clientPurposes = new Set([purpose]);
          const question = { purpose, action: 'read', field, clientPurposes, record, facts };
          expect(decideAtLevel(policy, question).permit).toBe(true);
        }
      }
  });

  it('each that opens a message is said to lower the floor', () => {
    for (const { what, document } of opening) {
      const { lowered } = finish(changeOfFloor(reference.document, document));
      expect({ what, lowers: lowered.length > 0 }).toEqual({ what, lowers: true });
    }
  });
});
