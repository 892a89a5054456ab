/** Codes of users: the same within a purpose, and nothing that joins two purposes. */
import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  shuffledSubarray,
  string,
  uint8Array,
  uniqueArray,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudonymOf, pseudonymise } from './pseudonymise.js';

const SECRET = new Uint8Array(32).fill(7);
const unit = constantFrom('a', 'B', '7', 'é', 'ж', '日', '😀', '-', '.');
const user = string({ unit, minLength: 1, maxLength: 20 });

function rowsOf(users: readonly string[]) {
  return users.map((id, at) => ({ id, name: `name ${at}`, clicks: at }));
}

const COLUMNS = { person: 'id', direct: ['name'], keep: ['clicks'] };

describe('the code of a user', () => {
  it('is the same every time, and another for every other user', () => {
    assert(
      property(uniqueArray(user, { minLength: 2 }), (users) => {
        const codes = users.map((id) => pseudonymOf(id, { secret: SECRET, purpose: 'ads' }));
        expect(users.map((id) => pseudonymOf(id, { secret: SECRET, purpose: 'ads' }))).toEqual(codes);
        expect(new Set(codes).size).toBe(users.length);
      }),
    );
  });

  it('is that of RFC 5869 and RFC 2104, so that it outlives this library', () => {
    // made with Python: hashlib, hmac, and HKDF as its RFC writes it
    expect(pseudonymOf('u-123', { secret: SECRET, purpose: 'ads.off_platform' })).toBe(
      '3cc36beb581f13dc28b5c8cfd12c12be61798fcac6c2f8e022ec5ac8b6425a9c',
    );
  });

  it('is another under another secret', () => {
    assert(
      property(uint8Array({ minLength: 32, maxLength: 64 }), user, (secret, id) => {
        const other = Uint8Array.from([...secret, 1]);
        expect(pseudonymOf(id, { secret, purpose: 'ads' })).not.toBe(
          pseudonymOf(id, { secret: other, purpose: 'ads' }),
        );
      }),
    );
  });

  it('is refused under a secret that could be guessed', () => {
    for (let length = 0; length < 32; length++)
      expect(() => pseudonymOf('u', { secret: SECRET.subarray(0, length), purpose: 'ads' })).toThrow(
        expect.objectContaining({ code: 'weak_secret' }),
      );
  });

  it('is refused for a purpose that no policy has, and for no id', () => {
    for (const purpose of ['', 'Ads', 'ads.', 'ads off', 'ads","x', 'a'.repeat(201)])
      expect(() => pseudonymOf('u', { secret: SECRET, purpose })).toThrow('is not spelled as in a policy');
    for (const id of ['', '\ud800', 'u'.repeat(257)])
      expect(() => pseudonymOf(id, { secret: SECRET, purpose: 'ads' })).toThrow('is no id');
  });
});

describe('rows with codes', () => {
  it('of one purpose tell which are of one user, and not who that is', () => {
    const rows = pseudonymise(
      [
        { id: 'u-1', name: 'Ada', clicks: 1 },
        { id: 'u-2', name: 'Bob', clicks: 2 },
        { id: 'u-1', name: 'Ada', clicks: 3 },
      ],
      { secret: SECRET, purpose: 'ads', ...COLUMNS },
    );
    expect(new Set(rows.map((row) => row['id'])).size).toBe(2);
    expect(JSON.stringify(rows)).not.toMatch(/u-1|u-2|Ada|Bob|name/);
    const ofAda = rows.filter(({ id }) => id === pseudonymOf('u-1', { secret: SECRET, purpose: 'ads' }));
    expect(ofAda.map((row) => row['clicks'])).toEqual([1, 3]);
  });

  it('of two purposes cannot be joined, by code, by part of a code or by place', () => {
    const users = Array.from({ length: 400 }, (_, at) => `u-${at}`);
    const [one, other] = ['ads', 'improve'].map((purpose) =>
      pseudonymise(rowsOf(users), { secret: SECRET, purpose, ...COLUMNS }),
    );
    if (one === undefined || other === undefined) throw new Error('there are two purposes');
    const codes = (rows: typeof one, part: (code: string) => string) =>
      rows.map((row) => part(String(row['id'])));
    for (const part of [
      (code: string) => code,
      (code: string) => code.slice(0, 16),
      (code: string) => code.slice(-16),
    ]) {
      const known = new Set(codes(other, part));
      expect(codes(one, part).filter((code) => known.has(code))).toEqual([]);
    }
    // `clicks` tells here who is who: the attacker guesses that the same place is the same user
    const hits = one.filter((row, at) => row['clicks'] === other[at]?.['clicks']).length;
    // chance alone makes one
    expect(hits).toBeLessThan(8);
  });

  it('come in an order that tells nothing of the one in which they were, within a code too', () => {
    const row = record({ id: constantFrom('u-1', 'u-2'), clicks: integer({ min: 0, max: 9 }) });
    assert(
      property(
        array(row).chain((rows) =>
          shuffledSubarray(rows, { minLength: rows.length }).map((turned) => ({ rows, turned })),
        ),
        ({ rows, turned }) => {
          const how = { secret: SECRET, purpose: 'ads', person: 'id', direct: [], keep: ['clicks'] };
          expect(pseudonymise(turned, how)).toEqual(pseudonymise(rows, how));
        },
      ),
    );
  });

  it('are refused when a value that stays is not JSON, because it has no place in that order', () => {
    expect(() =>
      pseudonymise([{ id: 'u', at: new Date(0) }], {
        secret: SECRET,
        purpose: 'ads',
        person: 'id',
        direct: [],
        keep: ['at'],
      }),
    ).toThrow('is not JSON');
  });

  it('have no column that nobody classified, be it named as a prototype is', () => {
    assert(
      property(constantFrom('email', '__proto__', 'constructor', 'toString'), (column) => {
        const row: Record<string, unknown> = Object.fromEntries([
          ['id', 'u-1'],
          ['name', 'Ada'],
          [column, 'ada@example.org'],
        ]);
        expect(() => pseudonymise([row], { secret: SECRET, purpose: 'ads', ...COLUMNS })).toThrow(
          expect.objectContaining({ code: 'undeclared_column' }),
        );
      }),
    );
  });

  it('are refused when a user is missing, or comes from a prototype', () => {
    const inherited: Record<string, unknown> = Object.create({ id: 'u-1' });
    for (const row of [{ clicks: 1 }, { id: 7 }, { id: '' }, inherited])
      expect(() => pseudonymise([row], { secret: SECRET, purpose: 'ads', ...COLUMNS })).toThrow(
        expect.objectContaining({ code: 'bad_input' }),
      );
  });

  it('are refused when a column is to stay and to go', () => {
    expect(() =>
      pseudonymise([], { secret: SECRET, purpose: 'ads', person: 'id', direct: ['name'], keep: ['name'] }),
    ).toThrow('`name` is classified twice');
  });

  it('are as many as there were', () => {
    assert(
      property(array(user), (users) => {
        expect(pseudonymise(rowsOf(users), { secret: SECRET, purpose: 'ads', ...COLUMNS })).toHaveLength(
          users.length,
        );
      }),
    );
  });
});
