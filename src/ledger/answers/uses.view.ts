/** Uses on the wire, in one language. */
import { READERS } from '../../access/case-permissions.js';
import type { PolicyDocument, Told } from '../../decision/policy.js';
import { REASONS } from '../../decision/reasons.js';
import {
  LANG,
  TEXT,
  TIME,
  WHOLE,
  YES_OR_NO,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { NEXT } from '../../http/pages.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { titleIn, withLang } from '../../policy/words.js';
import { langOfWhy } from '../../http/headers/spoken.js';
import type { ReasonWords } from '../reasons/reason-words.js';
import { reasonWords } from '../reasons/reasons.js';
import { GUARD, isFormula } from '../../text.js';
import { DAY_MS, dayText, timeText } from '../../time.js';
import { ACTORS, BEHALVES, type Term, WAYS } from '../term.js';
import type { ToldUse } from '../ledger.js';
import type { Total } from '../totals.js';
import { nameOf } from '../places.js';
import { roleTitle } from './role-titles.js';
import { timesByObligation } from '../discharged.js';
import {
  BUCKETS,
  DIVISIONS,
  type Discharged,
  type KeptAccess,
  type Lookup,
  MOST_PARTS,
  type UseBucket,
  type UseOfPerson,
} from '../uses.store.js';

const TITLED = objectOf({ id: TEXT, title: said('its id where the policy no longer names it', TEXT) }, LANG);
const DAY = { type: 'string', format: 'date' };
const UNTIL = said('whatever was recorded before is counted; null: nothing was counted yet', orNull(TIME));

const TERMS = {
  client: said('the service that asked', TEXT),
  client_does: said('what the policy says that the service does; null: it does not say', orNull(TEXT)),
  purpose: TITLED,
  data: said('the fields: one, or those that a question about many people permitted', listOf(TITLED)),
  level: said('the level of visibility that the item had by itself', orNull(TEXT)),
  permitted: YES_OR_NO,
  reason: wordOf(Object.keys(REASONS)),
  why: said('the same as a sentence', TEXT),
  source: said('which of the fields that it is made of denies', orNull(TEXT)),
  obligations: listOf(TEXT),
  discharged: said(
    'what of it the service said that it did, and of how many of these times; nobody has checked it',
    listOf(named('Discharge', objectOf({ obligation: TEXT, times: WHOLE, said: TEXT }))),
  ),
  policy: said('the policy version that decided', TEXT),
  way: said('what was asked: a decision about one, or a question about many people', wordOf(WAYS)),
  actor: wordOf(ACTORS),
  case: orNull(TEXT),
  legal_reference: orNull(TEXT),
  on_behalf_of: said('whose right was exercised: the user’s own, or another’s', orNull(wordOf(BEHALVES))),
};

export const USE_OF_USER = named(
  'UseOfUser',
  objectOf(
    {
      day: said('in UTC', DAY),
      ...TERMS,
      times: said('how often, on that day, under the same terms', WHOLE),
      first_at: TIME,
      last_at: TIME,
      review: said(
        'of what was asked for under a case: as which role people read, and how many items they could, or any; null: under none',
        orNull(objectOf({ role: wordOf(Object.values(READERS)), role_title: TEXT, items: orNull(WHOLE) })),
      ),
      setting: said(
        'the setting that governs it, relative to this address; null: the policy no longer has the purpose',
        orNull(TEXT),
      ),
    },
    LANG,
  ),
);

export const LOOKUPS = said(
  'which admins looked into the history, receipts or uses, or were told that a use was of this user, in what role and why; the latest first',
  listOf(named('LedgerLookup', objectOf({ at: TIME, role: TEXT, role_title: TEXT, reason: TEXT }))),
);

export const USES_OF_USER = named(
  'UsesOfUser',
  objectOf(
    {
      user: TEXT,
      complete_until: UNTIL,
      language: TEXT,
      uses: listOf(USE_OF_USER),
      lookups: said('the latest 50; the export has all', LOOKUPS),
    },
    NEXT,
  ),
);

/** Uses of all users together. */
export const TOTAL = named(
  'Uses',
  objectOf(
    {
      id: said('to ask of whom', TEXT),
      day: said('in UTC', DAY),
      ...TERMS,
      times: said(
        'how often, on that day, of whomever; of a question about many people once for each',
        WHOLE,
      ),
      strangers: said('of these, of people who are not registered', WHOLE),
    },
    LANG,
  ),
);

export const USES = named(
  'UsesPage',
  objectOf({ complete_until: UNTIL, language: TEXT, uses: listOf(TOTAL) }, NEXT),
);

export const USE_COUNTS = named(
  'UseCounts',
  objectOf(
    {
      complete_until: UNTIL,
      every: wordOf(BUCKETS),
      by: wordOf(DIVISIONS),
      buckets: listOf(
        named(
          'UseBucket',
          objectOf({
            from: said('its first day, in UTC', DAY),
            times: said('how often, of whomever; of a question about many people once for each', WHOLE),
            permitted: said('of these, how often it was permitted', WHOLE),
            counts: listOf(objectOf({ id: said('of a reason, client or purpose', TEXT), times: WHOLE })),
            others: said(`of \`times\`, those of parts beyond the ${MOST_PARTS} largest`, WHOLE),
          }),
        ),
      ),
    },
    NEXT,
  ),
);

export const PEOPLE = named(
  'PeopleOfUse',
  objectOf(
    {
      complete_until: UNTIL,
      language: TEXT,
      use: TOTAL,
      people: listOf(
        named(
          'PersonOfUse',
          objectOf({
            number: said('by which the record names them', WHOLE),
            user: said('their id; null: no `reason` was given, or they were erased', orNull(TEXT)),
            times: WHOLE,
            first_at: TIME,
            last_at: TIME,
          }),
        ),
      ),
    },
    NEXT,
  ),
);

export const ACCESSES = named(
  'CaseAccesses',
  objectOf(
    {
      complete_until: UNTIL,
      accesses: listOf(
        named(
          'CaseAccess',
          objectOf({
            at: TIME,
            client: said('the service that asked', TEXT),
            purpose: TEXT,
            field: TEXT,
            item: orNull(TEXT),
            reader: said('who was to read, as their token proved; null: nobody proved it', orNull(TEXT)),
            permitted: YES_OR_NO,
            reason: wordOf(Object.keys(REASONS)),
            why: said('the same as a sentence', TEXT),
          }),
        ),
      ),
    },
    NEXT,
  ),
);

export function accessView({ at, client, purpose, field, item, reader, reason }: KeptAccess) {
  return {
    at: timeText(at),
    client,
    purpose,
    field,
    item,
    reader,
    permitted: reason === 'permitted',
    reason,
    why: REASONS[reason].means,
  };
}

/** @param language of the title of the role, as a BCP 47 tag */
export function lookupView({ at, role, reason }: Lookup, language: string) {
  return { at: timeText(at), role, role_title: roleTitle(role, language), reason };
}

/** @param ids of users, by their number */
export function personView({ user, count, first, last }: UseOfPerson, ids: ReadonlyMap<number, string>) {
  return {
    number: user,
    user: ids.get(user) ?? null,
    times: count,
    first_at: timeText(first),
    last_at: timeText(last),
  };
}

/** @param language one of the policy's */
export function totalView(
  { day, term, terms, count, strangers, discharged }: Total,
  policy: PolicyVersion,
  language: string,
) {
  return {
    id: nameOf({ day, term }),
    day: dayText(day * DAY_MS),
    ...termsView(terms, policy, language, discharged),
    times: count,
    strangers,
  };
}

export function bucketView({ day, count, permitted, parts }: UseBucket) {
  const counts = parts.map((part) => ({ id: textOf(part.of), times: part.count }));
  const others = counts.reduce((rest, { times }) => rest - times, count);
  return { from: dayText(day * DAY_MS), times: count, permitted, counts, others };
}

/** @param json a text as the ledger keeps it */
function textOf(json: string): string {
  const text: unknown = JSON.parse(json);
  if (typeof text !== 'string') throw new Error('the ledger has terms that this build cannot read');
  return text;
}

const COLUMNS = {
  id: nameOf,
  day: ({ day }: Total) => dayText(day * DAY_MS),
  client: ({ terms }) => terms.client,
  purpose: ({ terms }) => terms.purpose,
  data: ({ terms }) => terms.fields.join(' '),
  level: ({ terms }) => terms.level,
  reason: ({ terms }) => terms.reason,
  source: ({ terms }) => terms.source,
  obligations: ({ terms }) => terms.obligations.join(' '),
  policy: ({ terms }) => terms.policy,
  way: ({ terms }) => terms.way,
  actor: ({ terms }) => terms.actor,
  case: ({ terms }) => terms.case,
  legal_reference: ({ terms }) => terms.legalReference,
  on_behalf_of: ({ terms }) => terms.onBehalfOf,
  times: ({ count }) => count,
  strangers: ({ strangers }) => strangers,
  discharged: ({ discharged }) =>
    [...timesByObligation(discharged)].map(([obligation, times]) => `${obligation} ${times}`).join(' '),
} satisfies Readonly<Record<string, (total: Total) => string | number | null>>;

/** The first line, and a line for each, as RFC 4180 has them. */
export const CSV_HEAD = `${Object.keys(COLUMNS).join(',')}\r\n`;

export function csvLine(total: Total): string {
  return `${Object.values(COLUMNS)
    .map((column) => cellOf(column(total)))
    .join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula is marked as a text: callers choose some of them. */
function cellOf(value: string | number | null): string {
  if (typeof value !== 'string') return String(value ?? '');
  const text = isFormula(value) ? `${GUARD}${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param language one of the policy's */
export function useOfUserView(
  { use: { day, terms, count, first, last, discharged }, under }: ToldUse,
  policy: PolicyVersion,
  language: string,
) {
  const isSetting = policy.purposes.has(terms.purpose);
  return {
    day: dayText(day * DAY_MS),
    ...termsView(terms, policy, language, discharged),
    case: under === null ? null : under.case,
    times: count,
    first_at: timeText(first),
    last_at: timeText(last),
    review:
      under === null
        ? null
        : { role: under.role, role_title: roleTitle(under.role, language), items: under.items },
    setting: isSetting ? `choices/${encodeURIComponent(terms.purpose)}` : null,
  };
}

function termsView(
  terms: Term,
  { document, purposes, fields }: PolicyVersion,
  language: string,
  discharged: readonly Discharged[],
) {
  const { purpose, reason } = terms;
  const words = reasonWords(language);
  return {
    client: terms.client,
    client_does: document.clients?.find(({ id }) => id === terms.client)?.description ?? null,
    purpose: titled(document, purpose, purposes.get(purpose), language),
    data: terms.fields.map((field) => titled(document, field, fields.get(field), language)),
    level: terms.level,
    permitted: reason === 'permitted',
    reason,
    why: words.reasons[reason],
    ...withLang(langOfWhy(language)),
    source: terms.source,
    obligations: terms.obligations,
    discharged: dischargedView(terms, discharged, words),
    policy: terms.policy,
    way: terms.way,
    actor: terms.actor,
    case: terms.case,
    legal_reference: terms.legalReference,
    on_behalf_of: terms.onBehalfOf,
  };
}

/** In the order of the obligations. */
function dischargedView(
  { client, obligations }: Term,
  discharged: readonly Discharged[],
  words: ReasonWords,
) {
  const times = timesByObligation(discharged);
  return obligations.flatMap((obligation) => {
    const count = times.get(obligation);
    if (count === undefined) return [];
    return [{ obligation, times: count, said: words.discharged(client) }];
  });
}

function titled(
  document: PolicyDocument,
  id: string,
  entry: (Told & { readonly title: string }) | undefined,
  language: string,
) {
  return { id, ...(entry === undefined ? { title: id } : titleIn(document, entry, language)) };
}
