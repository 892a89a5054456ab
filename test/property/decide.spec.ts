/**
 * A decision is what the specification says, and knowing less, having less or allowing less never opens anything.
 * Each property is tried on generated policies and on the reference policy.
 *
 * The first property asks the decision table, the rules and the specification, and holds all three equal. The others
 * then ask the rules where every run has a policy of its own: its table would cost more to make than all that is asked.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import { EMPTY_RECORD, type UserRecord } from '../../src/decision/consent-event.js';
import {
  type PolicyDocument,
  type VisibilityGroup,
  noticeOf,
  strictness,
} from '../../src/decision/policy.js';
import { type Decision, REASONS, isReason } from '../../src/decision/reasons.js';
import { type WholeQuestion, decideByRules } from '../../src/decision/rules/reference.js';
import { decideBothWays } from '../decide-both-ways.js';
import { expectedDecision, expectedDependencies, expectedRegime } from '../oracle.js';
import {
  RUNS,
  type World,
  at,
  compiled,
  generatedWorlds,
  questionsOn,
  reference,
  referenceWorlds,
  regionsOf,
  soundDocuments,
} from './arbitraries.js';
import { isLong } from '../times.js';
import { compile } from '../at-once.js';

const CASES = ['none', 'not_approved', 'closed', 'expired', 'out_of_scope', 'other_reader'] as const;

/** Tries a property on many worlds, each with a number to choose by. */
function holds(worlds: fc.Arbitrary<World>, property: (world: World, pick: number) => void): void {
  fc.assert(fc.property(worlds, fc.nat(999), property), { numRuns: RUNS });
}

/** By the rules for a policy that is asked once, by the table as well for the one that is asked again and again. */
function decide(policy: CompiledPolicy, question: WholeQuestion): Decision {
  return policy === reference ? decideBothWays(policy, question) : decideByRules(policy, question);
}

/** The change may close and may do nothing, but turns no deny into a permit. */
function opensNothing({ policy, question }: World, changed: Partial<WholeQuestion>): void {
  const before = decide(policy, question);
  const after = decide(policy, { ...question, ...changed });
  if (after.permit) expect(before, 'permitted after the change').toEqual(after);
}

/** The same for a change of the user's record; a state that cannot be read stays so. */
function saysLess(world: World, change: (record: UserRecord) => UserRecord): void {
  const { record } = world.question;
  opensNothing(world, { record: record === 'unavailable' ? record : change(record) });
}

/** Purposes to choose among: those the asked one rests on, and once more all there are. */
function purposesOf({ policy: { document }, question }: World): readonly string[] {
  const resting = expectedDependencies(document, question.purpose);
  return [...resting, ...resting, ...document.purposes].map(({ id }) => id);
}

/**
 * Whether every purpose that the asked one rests on is at least as strict there, and a signal counts for as much; where
 * the region is unknown, every signal counts.
 */
function atLeastAsStrict(world: World, from: string | null, to: string | null): boolean {
  const {
    policy: { document },
    question,
  } = world;
  const { regimes } = document.overlays.gpc;
  const here = expectedRegime(document, from);
  const there = expectedRegime(document, to);
  const hears = (region: string | null, regime: string) => region === null || regimes.includes(regime);
  return (
    (hears(to, there) || !hears(from, here)) &&
    groupsOf(world).every((group) => {
      const level = (regime: string) =>
        group.levels.findIndex(({ id }) => id === defaultLevelOf(world, group, regime));
      return level(there) >= level(here);
    }) &&
    expectedDependencies(document, question.purpose).every(
      ({ settings }) => strictness(settings[there] ?? 'never') >= strictness(settings[here] ?? 'never'),
    )
  );
}

/** The level at which fields of the group are shown of users like this one who have set none. */
function defaultLevelOf(
  { policy: { document }, question }: World,
  { defaults }: VisibilityGroup,
  regime: string,
): string | undefined {
  const { record } = question;
  const isAdult = record !== 'unavailable' && record.ageBand === 'adult';
  const levels = isAdult ? defaults.adult : defaults.minor_or_age_unknown;
  return levels[regime === 'unknown' ? document.unknown_regime : regime];
}

/** The groups of all that the asked field is made of. */
function groupsOf({ policy: { document, atLevels }, question }: World): readonly VisibilityGroup[] {
  const { groups = [] } = atLevels.data[atLevels.placeOf(question.field) ?? -1] ?? {};
  return (document.visibility ?? []).filter(({ id }) => groups.includes(id));
}

/** The levels of the asked field, the widest first; none where several groups may have them in other orders. */
function levelsOf(world: World): readonly string[] {
  const [group, ...others] = groupsOf(world);
  return group === undefined || others.length > 0 ? [] : group.levels.map(({ id }) => id);
}

/** The document with one more purpose that the asked field is never for. */
function withNever(document: PolicyDocument, field: string, purpose: string): PolicyDocument {
  const fields = document.fields.map((one) =>
    one.id === field ? { ...one, never: [...new Set([...(one.never ?? []), purpose])] } : one,
  );
  return { ...document, fields };
}

/** The reference policy with one more `never`, compiled once each. */
const closedReference = new Map<string, CompiledPolicy | undefined>();

function closed({ policy, question }: World, purpose: string): CompiledPolicy | undefined {
  const closing = () => {
    const result = compile(withNever(policy.document, question.field, purpose));
    return result.ok ? result.policy : undefined;
  };
  if (policy !== reference) return closing();
  const key = `${question.field} ${purpose}`;
  if (!closedReference.has(key)) closedReference.set(key, closing());
  return closedReference.get(key);
}

describe.each([
  { of: 'generated policies', worlds: generatedWorlds },
  { of: 'the reference policy', worlds: referenceWorlds },
])('a decision of $of', ({ worlds }) => {
  it('is the one that the specification asks for', () => {
    holds(worlds, ({ policy, question }) => {
      expect(decideBothWays(policy, question)).toEqual(expectedDecision(policy.document, question));
    });
  });

  it('has a reason from the closed set, `permitted` for a permit alone', () => {
    holds(worlds, ({ policy, question }) => {
      const { permit, reason } = decide(policy, question);
      expect(isReason(reason)).toBe(true);
      expect(reason === 'permitted').toBe(permit);
    });
  });

  it('obliges to nothing when it is a deny', () => {
    holds(worlds, ({ policy, question }) => {
      const { permit, obligations } = decide(policy, question);
      if (!permit) expect(obligations).toEqual([]);
    });
  });

  it('does not open when a choice is withdrawn', () => {
    holds(worlds, (world, pick) => {
      const purpose = at(purposesOf(world), pick);
      saysLess(world, (record) => ({
        ...record,
        choices: new Map([...record.choices, [purpose, { choice: 'denied', notice: 0, signal: false }]]),
      }));
    });
  });

  it('is a deny once the user denied a purpose it rests on, unless that one is always on', () => {
    holds(worlds, ({ policy, question }, pick) => {
      const { record } = question;
      if (record === 'unavailable') return;
      const resting = expectedDependencies(policy.document, question.purpose);
      const regime = expectedRegime(policy.document, record.registered ? record.region : null);
      const deniable = resting.filter(({ settings }) => settings[regime] !== 'always');
      if (deniable.length === 0) return;
      const denied = [at(deniable, pick).id, { choice: 'denied', notice: 0, signal: false }] as const;
      const choices = new Map([...record.choices, denied]);
      expect(decide(policy, { ...question, record: { ...record, choices } }).permit).toBe(false);
    });
  });

  it('does not open when a grant is given back, or was given on earlier terms', () => {
    holds(worlds, (world, pick) => {
      const purpose = at(purposesOf(world), pick);
      saysLess(world, (record) => {
        const choices = new Map(record.choices);
        if (choices.get(purpose)?.choice !== 'granted') return record;
        if (pick % 2 === 0) choices.delete(purpose);
        else choices.set(purpose, { choice: 'granted', notice: 0, signal: false });
        return { ...record, choices };
      });
    });
  });

  it('does not open when its field becomes never for one more purpose', () => {
    holds(worlds, (world, pick) => {
      const narrower = closed(world, at(world.policy.document.purposes, pick).id);
      // where the field is open to that purpose alone, the document says two things at once and is refused
      if (narrower === undefined || !decide(narrower, world.question).permit) return;
      expect(decide(world.policy, world.question).reason).toBe('permitted');
    });
  });

  it('does not open when the user moves to where every setting it rests on is at least as strict', () => {
    holds(worlds, (world, pick) => {
      saysLess(world, (record) => {
        const stricter = regionsOf(world).filter((region) => atLeastAsStrict(world, record.region, region));
        return { ...record, region: at([...stricter, record.region], pick) };
      });
    });
  });

  it('does not open when nobody knows any more where the user lives', () => {
    holds(worlds, (world) => {
      saysLess(world, (record) => ({ ...record, region: null }));
    });
  });

  it('does not open when nobody knows any more how old the user is', () => {
    holds(worlds, (world) => {
      saysLess(world, (record) => ({ ...record, ageBand: 'unknown' }));
    });
  });

  it('is the same for a minor and for a user of unknown age', () => {
    holds(worlds, ({ policy, question }) => {
      const { record } = question;
      if (record === 'unavailable') return;
      const of = (ageBand: UserRecord['ageBand']): Decision =>
        decide(policy, { ...question, record: { ...record, ageBand } });
      expect(of('unknown')).toEqual(of('minor'));
    });
  });

  it('does not open when a signal comes in', () => {
    holds(worlds, (world) => {
      saysLess(world, (record) => ({ ...record, signals: new Set([...record.signals, 'gpc']) }));
    });
  });

  it('does not open when a grant turns out to be given without the user being shown the signal', () => {
    holds(worlds, (world, pick) => {
      saysLess(world, (record) => {
        const said = at([...record.choices, undefined], pick);
        if (said === undefined) return record;
        const [purpose, choice] = said;
        return { ...record, choices: new Map([...record.choices, [purpose, { ...choice, signal: false }]]) };
      });
    });
  });

  it('opens by a grant in spite of a signal at most what rests on the very purpose that was granted', () => {
    holds(worlds, ({ policy, question }, pick) => {
      const { record } = question;
      if (record === 'unavailable') return;
      const granted = at(policy.document.purposes, pick);
      const ask = (signal: boolean) => {
        const said = [granted.id, { choice: 'granted', notice: noticeOf(granted), signal }] as const;
        const choices = new Map([...record.choices, said]);
        return decide(policy, { ...question, record: { ...record, choices } });
      };
      const [before, after] = [ask(false), ask(true)];
      if (before.reason === after.reason) return;
      expect(before.reason).toBe('signal_opted_out');
      expect(policy.document.overlays.gpc.opt_out).toContain(granted.id);
      expect(expectedDependencies(policy.document, question.purpose)).toContain(granted);
    });
  });

  it('is a deny once a signal comes in that closes what it rests on, if no grant was given in spite of it', () => {
    holds(worlds, ({ policy, question }, pick) => {
      const { record } = question;
      if (record === 'unavailable') return;
      const { document } = policy;
      const { gpc } = document.overlays;
      const resting = expectedDependencies(document, question.purpose);
      const closed = resting.filter(({ id }) => gpc.opt_out.includes(id));
      const hears = record.region === null || gpc.regimes.includes(expectedRegime(document, record.region));
      if (closed.length === 0 || !hears || !record.registered) return;
      // however many of the others were granted in spite of it
      const earlier = at(closed, pick);
      const choices = new Map(record.choices);
      for (const one of resting)
        choices.set(one.id, { choice: 'granted', notice: noticeOf(one), signal: one !== earlier });
      const signalled = { ...record, choices, signals: new Set(['gpc'] as const) };
      expect(decide(policy, { ...question, record: signalled }).permit).toBe(false);
    });
  });

  it('does not open when the record is removed', () => {
    holds(worlds, (world, pick) => {
      saysLess(world, (record) => (pick % 2 === 0 ? EMPTY_RECORD : { ...record, registered: false }));
    });
  });

  it('does not open when the state can no longer be read', () => {
    holds(worlds, (world) => {
      opensNothing(world, { record: 'unavailable' });
      expect(decide(world.policy, { ...world.question, record: 'unavailable' }).permit).toBe(false);
    });
  });

  it('does not open when the item comes to a stricter level, or to one that nobody knows', () => {
    holds(worlds, (world, pick) => {
      const levels = levelsOf(world);
      const from = pick % (levels.length + 1);
      const question = { ...world.question, visibility: levels[from] };
      opensNothing({ ...world, question }, { visibility: levels[from + (pick % 3)] ?? 'nobody_knows' });
    });
  });

  it('does not open when the member sets a stricter level, or has one that nobody knows', () => {
    holds(worlds, (world, pick) => {
      const { record } = world.question;
      const groups = groupsOf(world);
      if (record === 'unavailable' || groups.length === 0) return;
      const group = at(groups, pick);
      const levels = group.levels.map(({ id }) => id);
      const from = pick % levels.length;
      const withLevel = (level: string | undefined) => ({
        ...record,
        visibility: new Map([
          ...(record.visibility ?? []),
          ...(level === undefined ? [] : [[group.id, level] as const]),
        ]),
      });
      const question = { ...world.question, record: withLevel(levels[from]) };
      opensNothing(
        { ...world, question },
        { record: withLevel(levels[from + (pick % 3)] ?? 'nobody_knows') },
      );
      opensNothing(world, { record: withLevel('nobody_knows') });
    });
  });

  it('does not open when facts of the request are dropped', () => {
    holds(worlds, (world, pick) => {
      const { facts } = world.question;
      opensNothing(world, {
        facts: {
          actor: (pick & 1) === 0 ? facts.actor : 'human',
          case: (pick & 2) === 0 || facts.case === 'none' ? facts.case : at(CASES, pick >> 5),
          legalReference: (pick & 4) === 0 && facts.legalReference,
          ownData: (pick & 8) === 0 && facts.ownData,
        },
      });
    });
  });

  it("does not open when a purpose leaves the client's list", () => {
    holds(worlds, (world, pick) => {
      const listed = [...world.question.clientPurposes];
      const dropped = listed[pick % Math.max(listed.length, 1)];
      opensNothing(world, { clientPurposes: new Set(listed.filter((purpose) => purpose !== dropped)) });
    });
  });

  const DRAWN = 10_000;

  it('is drawn so that every reason comes up, and a permit often', () => {
    const drawn = fc
      .sample(worlds, { numRuns: DRAWN, seed: 1 })
      .map(({ policy, question }) => decide(policy, question).reason);
    const missing = Object.keys(REASONS).filter((reason) => !drawn.some((one) => one === reason));
    // every field of the reference policy is classified, and whether an answer is recorded is no matter of the rules
    const others = ['record_unavailable', 'field_unclassified'];
    expect(missing.filter((reason) => !others.includes(reason))).toEqual([]);
    expect(drawn.filter((reason) => reason === 'permitted').length).toBeGreaterThan(DRAWN / 20);
  });
});

describe('of a million questions about random policies', () => {
  it.runIf(isLong)('each is answered as the specification asks for, by the table and by the rules', () => {
    const seen = { derived: 0, released: 0, sources: 0, levels: 0 };
    const worlds = soundDocuments.chain((document) => {
      const policy = compiled(document);
      return fc.tuple(
        fc.constant(policy),
        fc.array(questionsOn(policy), { minLength: 500, maxLength: 500, size: 'max' }),
      );
    });
    fc.assert(
      fc.property(worlds, ([policy, questions]) => {
        for (const question of questions) {
          const decision = decideBothWays(policy, question);
          expect(decision).toEqual(expectedDecision(policy.document, question));
          const field = policy.fields.get(question.field);
          if (field?.derived_from !== undefined) seen.derived++;
          if (field?.release !== undefined) seen.released++;
          if (decision.source !== undefined) seen.sources++;
          if (groupsOf({ policy, question }).length > 1) seen.levels++;
        }
      }),
      { numRuns: 2_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(3_000);
  });
});

describe('forgetting what makes a signal count', () => {
  const record = (region: string | null): UserRecord => ({
    registered: true,
    region,
    ageBand: 'adult',
    choices: new Map([['ads.off_platform', { choice: 'granted', notice: 1, signal: false }]]),
    signals: new Set(['gpc']),
  });
  const question: WholeQuestion = {
    purpose: 'ads.off_platform',
    action: 'read',
    field: 'member.skills',
    clientPurposes: new Set(['ads.off_platform']),
    record: record('US-CA'),
    facts: { actor: 'human', case: 'none', legalReference: false, ownData: false },
  };

  it('does not open: a signal that counts in California counts where nobody knows where the user lives', () => {
    opensNothing({ policy: reference, question }, { record: record(null) });
  });

  it('does not open: what a signal closes to a user stays closed when their record is removed', () => {
    const { document } = reference;
    const { gpc } = document.overlays;
    const overlays = { ...document.overlays, gpc: { ...gpc, opt_out: [...gpc.opt_out, 'service'] } };
    // what is always on is open without a record: a document that closes it by a signal is none
    expect(compile({ ...document, overlays })).toMatchObject({
      ok: false,
      errors: [{ path: ['overlays', 'gpc', 'opt_out', gpc.opt_out.length] }],
    });
    for (const purpose of gpc.opt_out)
      for (const { id: field } of document.fields) {
        const asked = { ...question, purpose, field, clientPurposes: new Set([purpose]) };
        for (const before of [record('US-CA'), EMPTY_RECORD])
          expect(decide(reference, { ...asked, record: before }).permit).toBe(false);
      }
  });
});
