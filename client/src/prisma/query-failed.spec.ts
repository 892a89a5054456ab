import { constantFrom, integer, oneof, property, assert } from 'fast-check';
import { expect, test } from 'vitest';
import { QueryFailed, withoutRows } from './query-failed.js';

const SECRET = 'Failing row contains (u-1, welding)';

test('only errors that are known to quote no row pass as they are', () => {
  const quiet = ['P1001', 'P2002', 'P2003', 'P2024', 'P2025', 'P2028', 'P2034'];
  for (const code of quiet) {
    const error = Object.assign(new Error('a'), { code });
    expect(withoutRows(error)).toBe(error);
  }
  const code = oneof(
    integer({ min: 2000, max: 6100 }).map((number) => `P${number}`),
    constantFrom('P10012', '', undefined, 7),
  );
  assert(
    property(code, (one) => {
      const thrown = Object.assign(new Error(SECRET), { code: one, meta: { cause: SECRET } });
      const error = withoutRows(thrown);
      if (typeof one === 'string' && quiet.includes(one)) expect(error).toBe(thrown);
      else {
        expect(error).toBeInstanceOf(QueryFailed);
        expect(JSON.stringify(error) + String(error)).not.toContain(SECRET);
      }
    }),
  );
  for (const thrown of [SECRET, undefined, null]) expect(withoutRows(thrown)).toBeInstanceOf(QueryFailed);
});
