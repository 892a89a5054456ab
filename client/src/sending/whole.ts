/**
 * Holds what a transport resolved to against what it was asked: one of another make may resolve to anything. What comes
 * out is a copy that nobody can change, so that no two answers share a list.
 */
import { type Answer, type Basis, type Denial, type Permit } from '../terms/answer.js';
import { malformed } from '../terms/failure.js';
import { isText, isTexts, memberOf } from '../terms/json.js';
import { clientReasonOf, serviceReasonOf } from '../terms/reasons.js';
import type { AudienceQuestion } from '../terms/question.js';
import type { AudiencePart } from '../transport.js';
import { shown } from '../terms/words.js';

/** As many answers as questions. @throws Failure `malformed_answer` */
export function wholeAnswers(given: unknown, questions: number): readonly Answer[] {
  if (!Array.isArray(given) || given.length !== questions)
    throw malformed(`it is no list of answers to ${questions} questions`);
  return Array.from<unknown, Answer>(given, wholeAnswer);
}

function wholeAnswer(given: unknown): Answer {
  const permitted = memberOf(given, 'permitted');
  const reason = memberOf(given, 'reason');
  if (permitted === true && reason === 'permitted')
    return Object.freeze<Permit>({
      permitted,
      reason,
      obligations: textsIn(given, 'obligations'),
      ...basisIn(given),
      ...textIn(given, 'dischargeToken'),
    });
  const why = serviceReasonOf(reason) ?? clientReasonOf(reason);
  const message = memberOf(given, 'message');
  if (permitted !== false || why === undefined || !isText(message))
    throw malformed('a decision and its reason do not fit');
  return Object.freeze<Denial>({
    permitted,
    reason: why,
    message: shown(message),
    ...textIn(given, 'derivedSource'),
    ...textIn(given, 'code'),
    ...textIn(given, 'policy'),
    ...textIn(given, 'revision'),
  });
}

/** What can be read of each of so many users. @throws Failure `malformed_answer` */
export function wholePart(
  given: unknown,
  { fields, extract }: AudienceQuestion,
  users: number,
): AudiencePart {
  const answered = memberOf(given, 'users');
  if (!Array.isArray(answered) || answered.length !== users)
    throw malformed(`it is no list of answers about ${users} users`);
  const part = {
    ...basisIn(given),
    obligations: textsIn(given, 'obligations'),
    users: Array.from<unknown, readonly string[] | string>(answered, (one) => {
      if (isText(one)) return one;
      if (isTexts(one) && one.every((field) => fields.includes(field))) return one;
      throw malformed('it does not say of each user which of the fields may be read');
    }),
  };
  return extract === undefined ? part : { ...part, members: membersIn(given, part.users) };
}

/** The handles of an extract: whoever is let through is in it, and found again by nothing else. */
function membersIn(given: unknown, users: AudiencePart['users']): readonly (string | undefined)[] {
  const members = memberOf(given, 'members');
  return users.map((fields, at) => {
    const member: unknown = Array.isArray(members) ? members[at] : undefined;
    if (typeof fields === 'string' || fields.length === 0) return undefined;
    if (!isText(member))
      throw malformed('it does not say by which handle the extract names who is let through');
    return member;
  });
}

function basisIn(given: unknown): Basis {
  const policy = memberOf(given, 'policy');
  const revision = memberOf(given, 'revision');
  if (!isText(policy) || !isText(revision)) throw malformed('it does not say what it rests on');
  return { policy, revision };
}

function textsIn(given: unknown, name: string): readonly string[] {
  const texts = memberOf(given, name);
  if (!isTexts(texts)) throw malformed(`its \`${name}\` are no list of ids`);
  return Object.freeze([...texts]);
}

function textIn<Name extends string>(given: unknown, name: Name): { readonly [N in Name]?: string } {
  const text = memberOf(given, name);
  const named: { [N in Name]?: string } = {};
  return isText(text) ? Object.assign(named, { [name]: text }) : named;
}
