/** The questions that the tests ask of the decision endpoints. */
import { REFERENCE } from '../reference-policy.js';

/** Ids of the policy that the service starts with, in its order. */
export const PURPOSES: readonly string[] = REFERENCE.purposes.map(({ id }) => id);
export const FIELDS: readonly string[] = REFERENCE.fields.map(({ id }) => id);

export const EVALUATION = '/access/v1/evaluation';
export const EVALUATIONS = '/access/v1/evaluations';
export const SEARCH_SUBJECT = '/access/v1/search/subject';
export const SEARCH_RESOURCE = '/access/v1/search/resource';
export const SEARCH_ACTION = '/access/v1/search/action';
export const DECISION_ENDPOINTS = [EVALUATION, EVALUATIONS, SEARCH_SUBJECT, SEARCH_RESOURCE, SEARCH_ACTION];

export function purpose(id: string) {
  return { type: 'purpose', id };
}

export const READ = { name: 'read' };

export function fieldOf(user: string, id = 'member.skills') {
  return { type: 'field', id, properties: { user } };
}

/** May the purpose read the field of the user? Unless said otherwise: their skills. */
export function mayRead(purposeId: string, user: string, field?: string) {
  return { subject: purpose(purposeId), action: READ, resource: fieldOf(user, field) };
}
