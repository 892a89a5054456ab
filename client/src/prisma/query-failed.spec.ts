import { inspect } from 'node:util';
import { constantFrom, integer, oneof, property, assert } from 'fast-check';
import { expect, test } from 'vitest';
import { mappingOf } from './mapping.js';
import { QueryFailed, withoutRows } from './query-failed.js';
import { QueryRefused } from './query-refused.js';
import { readSchema } from './schema-text.js';

const { mapping } = mappingOf(
  readSchema('model User {\nid String @id /// @assent.user\nemail String /// @assent.field email\n}'),
);
const SECRET = 'Failing row contains (u-1, welding)';

test('only errors that are known to quote no row pass as they are', () => {
  const quiet = ['P1001', 'P2024', 'P2025', 'P2028', 'P2034'];
  for (const code of quiet) {
    const error = Object.assign(new Error('a'), { code });
    expect(withoutRows(error, mapping)).toBe(error);
  }
  const code = oneof(
    integer({ min: 2000, max: 6100 }).map((number) => `P${number}`),
    constantFrom('P10012', '', undefined, 7),
  );
  assert(
    property(code, (one) => {
      const thrown = Object.assign(new Error(SECRET), { code: one, meta: { cause: SECRET } });
      const error = withoutRows(thrown, mapping);
      if (typeof one === 'string' && quiet.includes(one)) expect(error).toBe(thrown);
      else {
        expect(error).toBeInstanceOf(QueryFailed);
        expect(JSON.stringify(error) + String(error)).not.toContain(SECRET);
      }
    }),
  );
  for (const thrown of [SECRET, undefined, null])
    expect(withoutRows(thrown, mapping)).toBeInstanceOf(QueryFailed);
});

test('what is ours passes as it is', () => {
  for (const error of [new QueryRefused('a'), new QueryFailed('P2010')])
    expect(withoutRows(error, mapping)).toBe(error);
});

test.each(['P2002', 'P2003'])(
  'of a key that does not fit, `%s` tells the model and its columns alone',
  (code) => {
    const told = (modelName: unknown, constraint: unknown) => {
      const cause = { originalMessage: SECRET, kind: 'a', constraint };
      const thrown = new Error(SECRET, { cause: SECRET });
      return withoutRows(
        Object.assign(thrown, { code, meta: { modelName, driverAdapterError: { cause } } }),
        mapping,
      );
    };
    const fits = told('User', { fields: ['"email"', SECRET] });
    expect(fits).toMatchObject({ code, model: 'User', columns: ['email'] });
    expect(String(fits)).toContain(`(\`${code}\`, \`User.email\`)`);
    expect(told('User', { index: 'User_id_email_key' })).toMatchObject({ columns: ['id', 'email'] });
    expect(told('User', { index: 'User_email_fkey' })).toMatchObject({ columns: ['email'] });
    for (const error of [
      fits,
      told('User', { index: `User_${SECRET}_key` }),
      told('User', { index: SECRET }),
      told(SECRET, { fields: ['email'] }),
      told('User', undefined),
    ]) {
      expect(error).toBeInstanceOf(QueryFailed);
      expect(error).toMatchObject({ code });
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    }
  },
);
