/** The Worker takes for a policy what the service takes for one, and says the same of what is none. */
import { constantFrom, assert as holds, property } from 'fast-check';
import { expect, test } from 'vitest';
import { finish } from '../../src/decision/steps.js';
import { shapeSteps as ofService } from '../../src/policy/text/policy-shape.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { times } from '../../test/times.js';
import { shapeSteps } from '../src/law/shape.js';

type Path = readonly (string | number)[];

/** Every place in a value. */
function placesIn(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above];
  const names = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [above, ...names.flatMap((name) => placesIn(Object(value)[name], [...above, name]))];
}

/** The value with something else at a place; `undefined` takes it away. */
function withAt(value: unknown, [name, ...rest]: Path, wrong: unknown): unknown {
  if (name === undefined) return wrong;
  const inner = withAt(Object(value)[name], rest, wrong);
  if (Array.isArray(value))
    return value.flatMap((entry: unknown, index) =>
      index !== name ? [entry] : inner === undefined ? [] : [inner],
    );
  const { [name]: _, ...others } = Object(value);
  return inner === undefined ? others : { ...others, [name]: inner };
}

const said = (errors: readonly { readonly path: Path; readonly message: string }[]) =>
  errors.map(({ path, message }) => `${path.join('/')}: ${message}`).sort();

function expectSame(value: unknown): void {
  const [here, there] = [finish(shapeSteps(value)), finish(ofService(value))];
  expect(here.ok).toBe(there.ok);
  expect(here.ok ? [] : said(here.errors)).toEqual(there.ok ? [] : said(there.errors));
}

const WRONG = [
  undefined,
  null,
  true,
  0,
  1.5,
  99_999,
  '',
  'NO',
  'opt_im',
  'a b',
  'x'.repeat(2_000),
  '\u0007',
  [],
  ['a', 'a'],
  [1],
  {},
  { id: 'x', nothing: 1 },
];

test('the reference policy has the shape, and so has any part of it in both or in neither', () => {
  expect(finish(shapeSteps(REFERENCE)).ok).toBe(true);
  holds(
    property(
      constantFrom(...placesIn(REFERENCE)),
      constantFrom(...placesIn(REFERENCE)),
      constantFrom(...WRONG),
      constantFrom(...WRONG),
      (place, other, wrong, worse) => expectSame(withAt(withAt(REFERENCE, place, wrong), other, worse)),
    ),
    { numRuns: times(5_000, 300) },
  );
});

test.each([
  [
    'too many purposes',
    { ...REFERENCE, purposes: Array.from({ length: 2_000 }, () => REFERENCE.purposes[0]) },
  ],
  ['too many faults', { ...REFERENCE, fields: REFERENCE.fields.map(() => ({ a: 1, b: 2, c: 3 })) }],
  ['an unknown section', { ...REFERENCE, purpose: [] }],
  ['a number', 7],
  ['a list', []],
])('%s: the same is said', (_what, value) => expectSame(value));
