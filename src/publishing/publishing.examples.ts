/** Bodies to begin with, for the document. */
import type { Examples } from '../http/contract/described.js';

export const DRAFTS: Examples = {
  'a copy of the version in force, to be edited': { message: 'personalised ads ask first in the US' },
  'a copy of an older version': {
    message: 'as it was before',
    base: 'sha256:8f7a078340fba8803abf1b885cf6b05ed4545e3a082eeeae0770604f9be0d779',
  },
};
export const PATCHES: Examples = {
  'personalised ads ask first in the US': [
    { op: 'test', path: '/purposes/1/id', value: 'ads.personalised' },
    { op: 'replace', path: '/purposes/1/settings/US', value: 'opt_in' },
  ],
};
export const APPROVALS: Examples = {
  'of what the draft says, as it was read': {
    content: 'sha256:0322a5c1e3366054767e049969204d118685392abe187d3c54de368f82c22817',
  },
};
export const DECLINES: Examples = {
  'of what the draft says, as it was read, with the reason': {
    content: 'sha256:0322a5c1e3366054767e049969204d118685392abe187d3c54de368f82c22817',
    remark: 'the US settings change as well, and nobody asked the US team',
  },
};
export const PUBLICATIONS: Examples = {
  now: {},
  'where the terms of an opt-in change, with the number of its notice': { notices: { 'ads.inferred': 2 } },
  'at a time': { publish_at: '2031-03-01T06:00:00Z' },
};
export const ROLLBACKS: Examples = { 'with the reason': { message: 'recruiters found too much' } };
