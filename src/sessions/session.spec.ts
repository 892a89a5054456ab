import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { ROLES } from '../access/policy-permissions.js';
import {
  type Lifetimes,
  type Session,
  contentOf,
  endOf,
  isToRenew,
  lasts,
  personOf,
  sessionOf,
} from './session.js';

const MINUTE = 60_000;
const LIFETIMES: Lifetimes = { idle: 30 * MINUTE, longest: 12 * 60 * MINUTE };
const BEGAN = Date.UTC(2026, 10, 29);
const NEW: Session = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  person: { kind: 'user', id: 'mo' },
  issuer: 'https://id.example',
  began: BEGAN,
  renewed: BEGAN,
};

/** The session as it is after requests at these times, each in milliseconds after the one before. */
function after(pauses: readonly number[]): { session: Session; now: number; ended: boolean } {
  let session = NEW;
  let now = BEGAN;
  for (const pause of pauses) {
    now += pause;
    if (!lasts(session, LIFETIMES, now)) return { session, now, ended: true };
    if (isToRenew(session, LIFETIMES, now)) session = { ...session, renewed: now };
  }
  return { session, now, ended: false };
}

it('lasts up to the millisecond of its end, and not in it', () => {
  for (const renewed of [BEGAN, BEGAN + 7 * MINUTE, BEGAN + LIFETIMES.longest - MINUTE]) {
    const session = { ...NEW, renewed };
    const end = endOf(session, LIFETIMES);
    expect(end).toBe(Math.min(renewed + LIFETIMES.idle, BEGAN + LIFETIMES.longest));
    expect(lasts(session, LIFETIMES, end - 1)).toBe(true);
    expect(lasts(session, LIFETIMES, end)).toBe(false);
  }
});

it('of somebody who comes back before three quarters of the idle time are over lasts until its latest end', () => {
  const pauses = fc.array(fc.integer({ min: 0, max: (LIFETIMES.idle * 3) / 4 }), {
    minLength: 1,
    maxLength: 80,
  });
  fc.assert(
    fc.property(pauses, (all) => {
      const { now, ended } = after(all);
      expect(ended).toBe(now >= BEGAN + LIFETIMES.longest);
    }),
  );
});

it('of somebody who stays away for the idle time has ended, whatever came before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(LIFETIMES.idle)),
      fc.integer({ min: LIFETIMES.idle, max: 10 * LIFETIMES.longest }),
      (before, away) => {
        expect(after([...before, away]).ended).toBe(true);
      },
    ),
  );
});

it('is not written anew before a quarter of the idle time has passed', () => {
  expect(isToRenew(NEW, LIFETIMES, BEGAN + LIFETIMES.idle / 4 - 1)).toBe(false);
  expect(isToRenew(NEW, LIFETIMES, BEGAN + LIFETIMES.idle / 4)).toBe(true);
});

it('from the future, by more than clocks differ, does not last', () => {
  expect(lasts(NEW, LIFETIMES, BEGAN - MINUTE)).toBe(true);
  expect(lasts(NEW, LIFETIMES, BEGAN - MINUTE - 1)).toBe(false);
  expect(lasts({ ...NEW, began: BEGAN + 1 }, LIFETIMES, BEGAN + 1)).toBe(false);
});

it('is read as it was written', () => {
  const admin = personOf('admin', 'ann', ['auditor', 'policy_admin']);
  for (const person of [NEW.person, admin ?? NEW.person]) {
    const session = { ...NEW, person };
    expect(sessionOf(JSON.parse(JSON.stringify(contentOf(session))))).toEqual(session);
  }
  expect(admin?.kind).toBe('admin');
});

it('is none with any member left out, or of another type', () => {
  const content = contentOf(NEW);
  for (const name of Object.keys(content))
    for (const value of [undefined, null, 1.5, {}, ['x'], true, ''])
      if (name !== 'issuer' || value !== '')
        expect(sessionOf({ ...content, [name]: value }), `${name} ${JSON.stringify(value)}`).toBeUndefined();
  for (const nothing of [undefined, null, 1, 'x', []]) expect(sessionOf(nothing)).toBeUndefined();
});

it('is never that of a service, nor of roles that there are not', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom('user', 'admin', 'service', 'constructor'), fc.string()),
      fc.array(fc.oneof(fc.constantFrom(...Object.keys(ROLES), 'toString', '__proto__'), fc.string())),
      (kind, roles) => {
        const person = personOf(kind, 'x', roles);
        if (person === undefined) return;
        expect(['user', 'admin']).toContain(person.kind);
        expect(person.kind === 'admin').toBe(roles.length > 0);
        expect(roles.every((role) => Object.keys(ROLES).includes(role))).toBe(true);
      },
    ),
  );
});
