/** Asks for a grant. Whatever goes wrong is a grant that permits nothing, and says why. */
import { type Answer, denialOf, denied } from '../terms/answer.js';
import { Failure, failureOf, malformed } from '../terms/failure.js';
import { isText, memberOf, readJson } from '../terms/json.js';
import { type Members, contextIn, invalidQuestion, membersOf, nameIn, signalIn } from '../terms/question.js';
import { serviceReasonOf } from '../terms/reasons.js';
import { type GrantSent, MOST_OF_GRANT } from '../transport.js';
import { type Claims, grantIn } from './claims.js';
import { Grant, type Granted } from './grant.js';
import { ownKey } from './own-key.js';

const GRANT_OPTIONS = ['purpose', 'audience', 'seconds', 'context', 'signal'] as const;
const FACTS = ['actor', 'legal_reference', 'on_behalf_of', 'consistency_token', 'consistency'] as const;
/** Most users and fields of a grant (docs/grants.md). */
const MOST = { users: MOST_OF_GRANT, fields: 50 } as const;
const LONGEST_SECONDS = 60;
/** Bytes of an answer besides its denials, and of each of those. */
const MOST_AROUND = 65_536;
const MOST_OF_DENIAL = 2_048;

/** What a caller asks, as it came. */
export type AskedGrant = {
  readonly users: unknown;
  readonly fields: unknown;
  readonly options: unknown;
  readonly withDefaults: (given: Members) => Members;
  /** Why the caller may not rest on a permit with these obligations. */
  readonly unkept: (obligations: readonly string[]) => Failure | undefined;
};

export async function askGrant(
  asked: AskedGrant,
  send: (sent: GrantSent, signal: AbortSignal | undefined) => Promise<string>,
): Promise<Grant> {
  let users: readonly string[] = [];
  let fields: readonly string[] = [];
  let [purpose, audience] = ['', ''];
  try {
    const options = asked.withDefaults(membersOf('options', asked.options, GRANT_OPTIONS));
    const signal = signalIn(options);
    users = namesIn('users', typeof asked.users === 'string' ? [asked.users] : asked.users);
    fields = namesIn('fields', asked.fields);
    purpose = nameIn('purpose', options['purpose']);
    audience = nameIn('audience', options['audience']);
    const seconds = secondsIn(options['seconds']);
    const key = await ownKey();
    const [user] = users;
    const body = JSON.stringify({
      purpose,
      audience,
      ...(users.length === 1 ? { user } : { users }),
      fields,
      seconds,
      context: contextIn(options['context'], FACTS),
    });
    const most = MOST_AROUND + MOST_OF_DENIAL * users.length * fields.length;
    const until = performance.now() + seconds * 1000;
    const proofOf = (method: string, url: string) => key.proof(method, url);
    const answer = readJson(await send({ body, most, proofOf }, signal));
    const jws = memberOf(answer, 'grant');
    const claims = jws === null ? undefined : grantedIn(jws, key.thumbprint, purpose, audience);
    const given = answersIn(answer, claims, users, fields);
    const terms = given.flatMap((one) => (one.permitted ? one.obligations : []));
    const failure = asked.unkept(terms);
    // the owner would hand over all of it
    if (failure !== undefined)
      return new Grant(
        purpose,
        audience,
        given.map((one) => (one.permitted ? deniedFor(failure, one) : one)),
      );
    return new Grant(purpose, audience, given, isText(jws) ? { jws, key, until } : undefined);
  } catch (error) {
    const denial = denialOf(failureOf(error));
    const given = users.flatMap((user) => fields.map((field) => ({ ...denial, user, field })));
    return new Grant(purpose, audience, given.length === 0 ? [{ ...denial, user: '', field: '' }] : given);
  }
}

function deniedFor(failure: Failure, { user, field, policy = '', revision = '' }: Granted): Granted {
  return { ...denialOf(failure, { policy, revision }), user, field };
}

/** What the grant says, if it is the one that was asked for. @throws Failure `malformed_answer` */
function grantedIn(jws: unknown, key: string, purpose: string, audience: string): Claims {
  const claims = grantIn(jws)?.claims;
  if (claims?.key !== key || claims.purpose !== purpose || claims.audience !== audience)
    throw malformed('it has no grant of the kind that was asked for');
  return claims;
}

/** The answer about each field of each user. @throws Failure `malformed_answer` when one has none, or two */
function answersIn(
  answer: unknown,
  claims: Claims | undefined,
  users: readonly string[],
  fields: readonly string[],
): Granted[] {
  const [policy, revision] = [memberOf(answer, 'policy'), memberOf(answer, 'revision')];
  const said = memberOf(answer, 'denied');
  if (!isText(policy) || !isText(revision) || !Array.isArray(said))
    throw malformed('it does not say what it rests on, or what it denies');
  const basis = { policy, revision };
  const no = new Map<string, Answer>();
  for (const one of said) {
    const [user, field] = [memberOf(one, 'user'), memberOf(one, 'field')];
    const reason = serviceReasonOf(memberOf(one, 'reason'));
    const source = memberOf(one, 'derived_source');
    if (reason === undefined || !isText(user) || !isText(field)) throw malformed('a denial has no reason');
    no.set(keyOf(user, field), denied(reason, basis, isText(source) ? source : undefined));
  }
  let permitted = 0;
  const given = users.flatMap((user) =>
    fields.map((field): Granted => {
      const obligations = claims?.permits.get(user)?.get(field);
      const denial = no.get(keyOf(user, field));
      if ((obligations === undefined) === (denial === undefined))
        throw malformed('a field of a user is both permitted and denied, or neither');
      if (denial !== undefined) return { ...denial, user, field };
      permitted++;
      return { permitted: true, reason: 'permitted', obligations: obligations ?? [], ...basis, user, field };
    }),
  );
  const inGrant = [...(claims?.permits.values() ?? [])].reduce((count, open) => count + open.size, 0);
  if (inGrant !== permitted || no.size !== given.length - permitted)
    throw malformed('it is about users or fields that were not asked about');
  return given;
}

/** No name has a control character in it. */
function keyOf(user: string, field: string): string {
  return `${user}\n${field}`;
}

function namesIn(what: 'users' | 'fields', names: unknown): readonly string[] {
  if (!Array.isArray(names) || names.length === 0 || names.length > MOST[what])
    throw invalidQuestion(`\`${what}\` is no list of 1 to ${MOST[what]} names: list some`);
  const all = Array.from<unknown>(names);
  return [...new Set(all.map((name) => nameIn(what, name)))];
}

function secondsIn(seconds: unknown): number {
  if (seconds === undefined) return LONGEST_SECONDS;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS)
    return seconds;
  throw invalidQuestion(
    `\`seconds\` is none of 1 to ${LONGEST_SECONDS}: send a whole number, or leave it out`,
  );
}
