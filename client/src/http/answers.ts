/**
 * Reads what the service answers (docs/api.md). What is missing, doubled or of another type makes the whole answer
 * malformed; members that are not named here are ignored, as AuthZEN 1.0 asks in "JSON Serialization".
 */
import { type Answer, type Basis, denialOf, denied } from '../terms/answer.js';
import { Failure, malformed } from '../terms/failure.js';
import { isText, isTexts, memberOf, readJson } from '../terms/json.js';
import { serviceReasonOf } from '../terms/reasons.js';
import type { AudiencePart } from '../transport.js';
import type { Hide } from './problem.js';

/** The answers to a batch of so many questions. @throws Failure `malformed_answer` */
export function answersIn(text: string, questions: number, hide: Hide): readonly Answer[] {
  const evaluations = memberOf(readJson(text), 'evaluations');
  if (!Array.isArray(evaluations)) throw malformed('it is no answer to a batch');
  if (evaluations.length !== questions)
    throw malformed(`it has ${evaluations.length} answers to ${questions} questions`);
  return evaluations.map((evaluation) => answerIn(evaluation, hide));
}

function answerIn(evaluation: unknown, hide: Hide): Answer {
  const decision = memberOf(evaluation, 'decision');
  const context = memberOf(evaluation, 'context');
  const error = memberOf(context, 'error');
  if (decision === false && error !== undefined) return refusedIn(error, hide);
  const basis = basisIn(context);
  const reason = memberOf(context, 'reason');
  const obligations = memberOf(context, 'obligations');
  if (decision === true && error === undefined && reason === 'permitted' && isTexts(obligations)) {
    const token = memberOf(context, 'discharge_token');
    return {
      permitted: true,
      reason,
      obligations,
      ...basis,
      ...(isText(token) ? { dischargeToken: token } : {}),
    };
  }
  const why = serviceReasonOf(reason);
  if (decision !== false || why === undefined) throw malformed('a decision and its reason do not fit');
  const source = memberOf(context, 'derived_source');
  return denied(why, basis, isText(source) ? source : undefined);
}

/** A question that is not well-formed, answered in its place. */
function refusedIn(error: unknown, hide: Hide): Answer {
  const message = memberOf(error, 'message');
  const code = memberOf(error, 'code');
  return denialOf(
    new Failure('invalid_question', {
      message: isText(message) ? hide(message) : undefined,
      code: isText(code) ? code : undefined,
    }),
  );
}

function basisIn(value: unknown): Basis {
  const policy = memberOf(value, 'policy');
  const revision = memberOf(value, 'revision');
  if (!isText(policy) || !isText(revision)) throw malformed('it does not say what it rests on');
  return { policy, revision };
}

/**
 * The answer to a part of an audience: a line for each user, and the summary, without which it was cut off.
 *
 * @param isTaken whether an extract takes in who is let through
 * @throws Failure `malformed_answer`
 */
export function partIn(
  text: string,
  fields: readonly string[],
  users: readonly string[],
  hide: Hide,
  isTaken: boolean,
): AudiencePart {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length !== users.length + 1)
    throw malformed(
      `it does not have a line for each of ${users.length} users and a summary: it was cut off`,
    );
  const summary = readJson(lines.at(-1) ?? '');
  const answered = users.map((user, at) => lineIn(readJson(lines[at] ?? ''), at + 1, fields, user, hide));
  const obligations = memberOf(summary, 'obligations');
  const malformedLines = answered.filter((one) => typeof one === 'string').length;
  if (
    !isTexts(obligations) ||
    memberOf(summary, 'malformed_lines') !== malformedLines ||
    memberOf(summary, 'users') !== users.length - malformedLines
  )
    throw malformed('its summary does not fit its lines');
  const part = { ...basisIn(summary), obligations, users: answered };
  if (!isTaken) return part;
  return { ...part, members: lines.slice(0, -1).map((line) => memberIn(readJson(line))) };
}

/** The handle by which an extract names the user of a line. */
function memberIn(line: unknown): string | undefined {
  const member = memberOf(line, 'member');
  return isText(member) ? member : undefined;
}

function lineIn(
  line: unknown,
  number: number,
  fields: readonly string[],
  user: string,
  hide: Hide,
): readonly string[] | string {
  const error = memberOf(line, 'error');
  if (isText(error) && memberOf(line, 'line') === number) return hide(error);
  const permitted = memberOf(line, 'fields');
  if (error !== undefined || memberOf(line, 'user') !== user || !isTexts(permitted))
    throw malformed(`its line ${number} is not about the user who was asked about`);
  const known = fields.filter((field) => permitted.includes(field));
  if (known.length !== permitted.length)
    throw malformed(`its line ${number} names fields that were not asked about`);
  return known;
}
