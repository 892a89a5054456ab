export {
  type Asked,
  type AudienceOptions,
  type GrantContext,
  type GrantOptions,
  type Options,
  type Settings,
  Assent,
  createAssent,
} from './assent.js';
export type { Answer, Denial, Permit } from './answer.js';
export type { AudienceAnswer } from './audience.js';
export { Failure, type FailureDetails } from './failure.js';
export type { Grant, Granted, GrantHeaders } from './grants/grant.js';
export { type HttpSettings, HttpTransport } from './http-transport.js';
export type { AudienceContext, AudienceQuestion, Context, Question } from './question.js';
export { type ClientReason, type DenyReason, type ServiceReason, CLIENT_REASONS } from './reasons.js';
export type { ClientCredentials, TokenSettings } from './tokens.js';
// all of it, so that a program can add to what is in it
export * from './names.js';
export { type AudiencePart, type GrantSent, MOST_OF_ONE_REQUEST, Transport } from './transport.js';
