export {
  type Asked,
  type AudienceOptions,
  type ExtractOptions,
  type GrantContext,
  type GrantOptions,
  type Options,
  type Settings,
  Assent,
  createAssent,
} from './assent.js';
export type { Answer, Denial, Permit } from './terms/answer.js';
export type { AudienceAnswer } from './audience.js';
export { Failure, type FailureDetails } from './terms/failure.js';
export type { Extract, Look } from './extracts/extract.js';
export type { Grant, Granted, GrantHeaders } from './grants/grant.js';
export { type HttpSettings, HttpTransport } from './http/http-transport.js';
export type { AudienceContext, AudienceQuestion, Context, Question } from './terms/question.js';
export { type ClientReason, type DenyReason, type ServiceReason, CLIENT_REASONS } from './terms/reasons.js';
export type { ClientCredentials, TokenSettings } from './http/tokens.js';
// all of it, so that a program can add to what is in it
export * from './terms/names.js';
export {
  type AudiencePart,
  type ExtractSent,
  type GrantSent,
  MOST_OF_ONE_REQUEST,
  Transport,
} from './transport.js';
