import { expect, test } from 'vitest';
import type { Decision, Reason } from '../reasons.js';
import { decideForSeveral } from './decide-for-several.js';

const PERMIT: Decision = { permit: true, reason: 'permitted', obligations: ['pseudonymise'] };

function deny(reason: Reason, source?: string): Decision {
  return { permit: false, reason, obligations: [], ...(source === undefined ? {} : { source }) };
}

const floor = deny('floor');

test.each([
  ['nobody closes it', [PERMIT, PERMIT], PERMIT, undefined],
  ['one said no', [PERMIT, deny('opted_out'), deny('age')], deny('opted_out'), 1],
  ['all said no', [deny('opted_out'), deny('opted_out')], deny('opted_out'), 0],
  ['the floor holds for everybody', [floor, floor], floor, undefined],
  ['the level of one brings it below the floor', [PERMIT, floor], floor, 1],
  ['the levels close it for two reasons', [floor, deny('category_not_allowed')], floor, 0],
  ['the levels close two sources', [deny('floor', 'post'), deny('floor', 'photo')], deny('floor', 'post'), 0],
  [
    'a source is closed for everybody',
    [deny('floor', 'post'), deny('floor', 'post')],
    deny('floor', 'post'),
    undefined,
  ],
  [
    'the state cannot be read',
    [deny('consent_unavailable'), deny('consent_unavailable')],
    deny('consent_unavailable'),
    undefined,
  ],
  [
    'the request lacks a case, and a later one said no',
    [deny('needs_case'), deny('opted_out')],
    deny('needs_case'),
    undefined,
  ],
  [
    'one exercises their rights, and the other does not',
    [PERMIT, deny('not_own_data')],
    deny('not_own_data'),
    1,
  ],
])('where %s, the answer and its person are those', (_when, alone, decision, closedBy) => {
  const decided = decideForSeveral(alone.length, (at) => alone[at] ?? deny('consent_unavailable'));
  expect(decided).toEqual({ decision, ...(closedBy === undefined ? {} : { closedBy }) });
});
