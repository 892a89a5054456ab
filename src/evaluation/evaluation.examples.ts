/** Questions to begin with, for the document; their answers depend on who was registered and what they said. */
import type { Examples } from '../http/contract/described.js';

const PURPOSE = { type: 'purpose', id: 'ads.personalised' };
const READ = { name: 'read' };
const FIELD = { type: 'field', id: 'member.skills', properties: { user: 'u-123' } };
const QUESTION = { subject: PURPOSE, action: READ, resource: FIELD };

const POLICY = 'sha256:8f7a078340fba8803abf1b885cf6b05ed4545e3a082eeeae0770604f9be0d779';
const REVISION = 'Ao8hxGoJvlHQfjqylAAAAAAAAAAC';
const PERMITTED = {
  decision: true,
  context: { reason: 'permitted', policy: POLICY, revision: REVISION, obligations: ['min_cohort_300'] },
};
const DENIED = {
  decision: false,
  context: { reason: 'opted_out', policy: POLICY, revision: REVISION, obligations: [] },
};

export const EVALUATION: Examples = {
  'may personalised ads read the skills of this user?': QUESTION,
  'the same, where no person will see the data': { ...QUESTION, context: { actor: 'automated' } },
  'may they read the skills of all of these users?': {
    ...QUESTION,
    resource: { ...FIELD, properties: { users: ['u-123', 'u-456'] } },
  },
  'may AI be trained on a post that its author shows to connections alone?': {
    ...QUESTION,
    subject: { type: 'purpose', id: 'ai' },
    resource: { type: 'field', id: 'post.text', properties: { user: 'u-123', visibility: 'connections' } },
  },
};
export const DECISION: Examples = {
  permitted: PERMITTED,
  'the user said no': DENIED,
  'what the field is made of is closed': {
    ...DENIED,
    context: { ...DENIED.context, reason: 'category_not_allowed', derived_source: 'activity.view' },
  },
  'the second of several users said no': { ...DENIED, context: { ...DENIED.context, closed_by: 1 } },
};

export const EVALUATIONS: Examples = {
  'one purpose and user, two fields': {
    ...QUESTION,
    evaluations: [{}, { resource: { ...FIELD, id: 'member.education' } }],
  },
  'until the first deny': {
    subject: PURPOSE,
    action: READ,
    evaluations: [{ resource: FIELD }, { resource: { ...FIELD, properties: { user: 'u-456' } } }],
    options: { evaluations_semantic: 'deny_on_first_deny' },
  },
};
export const DECISIONS: Examples = { 'in the order of the request': { evaluations: [PERMITTED, DENIED] } };

export const PURPOSES_OF_FIELD: Examples = {
  'which purposes may read this field of this user?': { ...QUESTION, subject: { type: 'purpose' } },
};
export const FIELDS_OR_USERS: Examples = {
  'which fields of this user?': { ...QUESTION, resource: { type: 'field', properties: { user: 'u-123' } } },
  'whose skills, at most 100 users at once?': {
    ...QUESTION,
    resource: { type: 'user', properties: { field: 'member.skills' } },
    page: { limit: 100 },
  },
};
export const ACTIONS: Examples = {
  'what may it do with this field of this user?': { subject: PURPOSE, resource: FIELD },
};
