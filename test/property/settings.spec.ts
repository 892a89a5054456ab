/**
 * What a settings page is told of a user is true: each answer is held against what the same policy makes of the record, and
 * of the record as it would be after the change.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { causeOf } from '../../src/consent/settings/causes/cause.js';
import type { UserHistory } from '../../src/consent/settings/history.js';
import { promptsOf } from '../../src/consent/settings/prompts/prompts.js';
import { settingsView } from '../../src/consent/settings/settings.view.js';
import { type UserSettings, settingsOn } from '../../src/consent/settings/settings.js';
import { type Choice, type UserRecord, applyChange } from '../../src/decision/consent-event.js';
import { dependenciesOf, noticeOf } from '../../src/decision/policy.js';
import type { PolicyVersion } from '../../src/policy/policy.service.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { at, reference, soundDocuments, usersOf } from './arbitraries.js';
import { policiesOn } from '../at-once.js';

const { tokens: TOKENS } = new MemoryConsentStore();
const SILENT: UserHistory = { choices: new Map(), signals: new Map(), levels: new Map() };
const DOCUMENTS = [reference.document, ...fc.sample(soundDocuments, { numRuns: 30, seed: 1 })];
const VERSIONS = DOCUMENTS.map((document) => policiesOn(document).current);

const worlds = fc
  .nat(VERSIONS.length - 1)
  .chain((place) => usersOf(at(VERSIONS, place)).map((record) => ({ policy: at(VERSIONS, place), record })));

function afterSaying(
  { policy, record }: { policy: PolicyVersion; record: UserRecord },
  said: Record<string, Choice>,
) {
  const next = Object.entries(said).reduce((before, [purpose, choice]) => {
    const known = policy.purposes.get(purpose);
    const notice = choice === 'granted' && known !== undefined ? noticeOf(known) : 0;
    return applyChange(before, { kind: 'choice', purpose, choice, notice, signal: false });
  }, record);
  return settingsOn(policy, next, 1);
}

const onIn = ({ purposes }: UserSettings) =>
  new Set(purposes.filter(({ on }) => on).map(({ purpose }) => purpose.id));

describe('settings', () => {
  it('say what a denial closes besides, what a grant opens and needs besides, and what is in the way', () => {
    const seen = { closing: 0, opening: 0, needing: 0, depending: 0 };
    fc.assert(
      fc.property(worlds, (world) => {
        const settings = settingsOn(world.policy, world.record, 1);
        const on = onIn(settings);
        const { purposes } = settingsView('u-1', settings, SILENT, 'en', TOKENS);
        for (const { id, offers, also_closes: closes, also_opens: opened, ...told } of purposes) {
          const { needs, because } = told;
          const dependencies = dependenciesOf(id, world.policy.purposes);
          const off = dependencies.filter((one) => one !== id && !on.has(one));
          expect(off).toEqual(expect.arrayContaining(needs));
          // a purpose without data is never on, and need not be
          const opens = (one: string) => purposes.some(({ id, data }) => id === one && data.length > 0);
          expect(needs).toEqual(expect.arrayContaining(off.filter(opens)));
          if (needs.length === 0) expect(because).not.toBe('dependency');
          if (offers.includes('denied')) {
            const left = onIn(afterSaying(world, { [id]: 'denied' }));
            expect(closes).toEqual([...on].filter((one) => one !== id && !left.has(one)));
          } else expect(closes).toEqual([]);
          if (offers.includes('granted')) {
            const open = onIn(afterSaying(world, { [id]: 'granted' }));
            expect(opened).toEqual([...open].filter((one) => one !== id && !on.has(one)));
          } else expect(opened).toEqual([]);
          seen.opening += opened.length;
          if (because === 'dependency') {
            const inTheWay = told.dependency ?? '';
            expect(dependencies).toContain(inTheWay);
            expect(on.has(id) || on.has(inTheWay)).toBe(false);
          }
          seen.closing += closes.length;
          seen.needing += needs.length;
          seen.depending += because === 'dependency' ? 1 : 0;
        }
      }),
      { numRuns: 500 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it('find a cause for every purpose of every record', () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(worlds, ({ policy, record }) => {
        const settings = settingsOn(policy, record, 1);
        for (const one of settings.purposes) {
          const { because } = causeOf(settings, one, SILENT);
          codes.add(because);
          // what is on is so by what was said or by the law alone
          if (one.on) expect(['choice', 'default']).toContain(because);
        }
      }),
      { numRuns: 1_000 },
    );
    expect([...codes].toSorted()).toEqual(
      ['age', 'choice', 'default', 'dependency', 'notice', 'regime', 'signal', 'unknown_user'].toSorted(),
    );
  });

  it('ask for what a yes would open, and for all that only a yes would open', () => {
    let asked = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const settings = settingsOn(world.policy, world.record, 1);
        // long after everything that was said
        const ids = promptsOf(settings, SILENT, 1e15).ask.map(({ purpose }) => purpose.id);
        const after = onIn(afterSaying(world, Object.fromEntries(ids.map((id) => [id, 'granted']))));
        for (const { purpose, setting, on, choice } of settings.purposes) {
          if (ids.includes(purpose.id)) {
            expect({ setting, on }).toEqual({ setting: 'opt_in', on: false });
            expect(after.has(purpose.id)).toBe(true);
          } else if (choice === null && setting === 'opt_in' && world.record.registered && !on) {
            const more = onIn(
              afterSaying(world, Object.fromEntries([...ids, purpose.id].map((id) => [id, 'granted']))),
            );
            expect(more.has(purpose.id)).toBe(false);
          }
        }
        asked += ids.length;
      }),
      { numRuns: 500 },
    );
    // so that it is not true of nothing: 100 and more, as the draws fall
    expect(asked).toBeGreaterThan(20);
  });
});
