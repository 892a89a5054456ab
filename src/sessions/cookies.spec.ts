import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cookiesIn, setCookie } from './cookies.js';

const name = fc.stringMatching(/^[a-z-]{1,10}$/);
const value = fc.stringMatching(/^[\w.-]{0,20}$/);

it('reads what a browser sends of what was set', () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (cookies) => {
      const sent = Object.entries(cookies).map((one) => setCookie(...one).split(';', 1)[0]);
      expect(Object.fromEntries(cookiesIn(['theirs=1', ...sent].join('; ')))).toEqual(cookies);
    }),
  );
});

it('reads no cookie that is sent twice, and none that a sister site could set', () => {
  expect([...cookiesIn('__Host-a=1; __Host-a=1; __Host-b=2; b=3; __Secure-b=4')]).toEqual([['b', '2']]);
  expect([...cookiesIn('__host-a=1; a=2; =3; __Host-a')]).toEqual([]);
  expect([...cookiesIn(undefined)]).toEqual([]);
});
