/** The answers of the service, as far as the page reads them: the types are those of its OpenAPI document. */
import type { components } from '../api.js';
import {
  type Shape,
  isAbsentOr,
  isEither,
  isList,
  isNullOr,
  isNumber,
  isObject,
  isOneOf,
  isText,
  isTexts,
  isTime,
  isYesOrNo,
} from './shapes.js';

type Schemas = components['schemas'];

export type Choice = 'granted' | 'denied';
export const isChoice = isOneOf<Choice>('granted', 'denied');

/** The languages of texts that are not in the one of the answer, by member. */
export type Lang = Readonly<Record<string, string>>;
type WithLang = { readonly lang?: Lang | undefined };
const isLang = isAbsentOr(isTexts);

type Field = WithLang & {
  readonly id: string;
  readonly title: string;
  readonly description?: string | undefined;
};
/** What a purpose opens of one category. */
type Part = WithLang & {
  readonly category: Schemas['DisclosedData']['category'];
  readonly title?: string | undefined;
  readonly fields: readonly Field[];
};
/** The data that a purpose opens, by category. */
export type Data = readonly Part[];
const isTitled = isObject<{ id: string; title: string }>({ id: isText, title: isText });
const isTitledIn = isObject<WithLang & { id: string; title: string }>({
  id: isText,
  title: isText,
  lang: isLang,
});
const isData = isList(
  isObject<Part>({
    category: isOneOf<Part['category']>('public', 'profile', 'engagement', 'private_message'),
    title: isAbsentOr(isText),
    fields: isList(
      isObject<Field>({ id: isText, title: isText, description: isAbsentOr(isText), lang: isLang }),
    ),
    lang: isLang,
  }),
);

export type Purpose = Pick<
  Schemas['PurposeSetting'],
  | 'id'
  | 'parent'
  | 'title'
  | 'description'
  | 'setting'
  | 'choice'
  | 'on'
  | 'because'
  | 'why'
  | 'set_at'
  | 'offers'
  | 'also_closes'
  | 'also_opens'
  | 'until'
  | 'needs'
> &
  WithLang & {
    readonly notice: {
      readonly version: number;
      readonly accepted: number | null;
      readonly lapses_after: string | null;
    };
    readonly data: Data;
  };

const isBecause = isOneOf<Purpose['because']>(
  'default',
  'lapsed',
  'lapses_soon',
  'choice',
  'signal',
  'dependency',
  'age',
  'notice',
  'regime',
  'unknown_user',
);
const isPurpose = isObject<Purpose>({
  id: isText,
  parent: isNullOr(isText),
  title: isText,
  description: isText,
  setting: isOneOf<Purpose['setting']>('always', 'opt_out', 'opt_in', 'never'),
  choice: isNullOr(isChoice),
  on: isYesOrNo,
  because: isBecause,
  why: isText,
  set_at: isNullOr(isTime),
  offers: isList(isChoice),
  also_closes: isList(isText),
  also_opens: isList(isText),
  until: isNullOr(isTime),
  needs: isList(isText),
  notice: isObject<Purpose['notice']>({
    version: isNumber,
    accepted: isNullOr(isNumber),
    lapses_after: isNullOr(isText),
  }),
  data: isData,
  lang: isLang,
});

export type Group = Pick<
  Schemas['VisibilitySetting'],
  'id' | 'title' | 'description' | 'level' | 'choice' | 'levels' | 'set_at'
>;
const isGroup = isObject<Group>({
  id: isText,
  title: isText,
  description: isNullOr(isText),
  level: isText,
  choice: isNullOr(isText),
  levels: isList(isTitled),
  set_at: isNullOr(isTime),
});

export type Settings = Pick<
  Schemas['Settings'],
  'user' | 'known' | 'region' | 'regime_title' | 'signals' | 'policy' | 'language' | 'languages'
> & { readonly purposes: readonly Purpose[]; readonly visibility: readonly Group[] };
export const isSettings: Shape<Settings> = isObject<Settings>({
  user: isText,
  known: isYesOrNo,
  region: isText,
  policy: isText,
  regime_title: isText,
  signals: isList(isOneOf<'gpc'>('gpc')),
  language: isText,
  languages: isList(isText),
  purposes: isList(isPurpose),
  visibility: isList(isGroup),
});

/** The titles of purposes with their languages; of one that is not among them, its id. */
export function titledIn(
  { purposes }: Settings,
  ids: readonly string[],
): readonly (WithLang & { title: string })[] {
  return ids.map((wanted) => purposes.find(({ id }) => id === wanted) ?? { title: wanted });
}

/** What stands for a purpose after an answer to it, where the service says so. */
type Standing = {
  readonly holds_from?: string | null | undefined;
  readonly on?: boolean | undefined;
  readonly because?: Purpose['because'] | undefined;
  readonly why?: string | undefined;
  readonly needs?: readonly string[] | undefined;
};
const STANDING = {
  holds_from: isAbsentOr(isNullOr(isTime)),
  on: isAbsentOr(isYesOrNo),
  because: isAbsentOr(isBecause),
  why: isAbsentOr(isText),
  needs: isAbsentOr(isList(isText)),
};

/** The answer to a change. */
export type Acknowledged = Standing & {
  readonly changed: boolean;
  readonly consistency_token: string;
  /** Of several, each. */
  readonly changes?:
    readonly (Standing & { readonly purpose: string; readonly choice: Choice })[] | undefined;
};
export const isAcknowledged = isObject<Acknowledged>({
  changed: isYesOrNo,
  consistency_token: isText,
  ...STANDING,
  changes: isAbsentOr(
    isList(
      isObject<Standing & { purpose: string; choice: Choice }>({
        purpose: isText,
        choice: isChoice,
        ...STANDING,
      }),
    ),
  ),
});

export type Prompt = Pick<
  Schemas['Prompts']['prompts'][number],
  'purpose' | 'title' | 'description' | 'because' | 'why' | 'needs'
> &
  WithLang & {
    readonly notice: { readonly version: number; readonly lapses_after: string | null };
    readonly data: Data;
  };
export type Prompts = {
  readonly language: string;
  readonly prompts: readonly Prompt[];
  readonly not_before: readonly (WithLang & {
    readonly purpose: string;
    readonly title: string;
    readonly from: string;
  })[];
};
export const isPrompts: Shape<Prompts> = isObject<Prompts>({
  language: isText,
  prompts: isList(
    isObject<Prompt>({
      purpose: isText,
      title: isText,
      description: isText,
      because: isBecause,
      why: isText,
      needs: isList(isText),
      notice: isObject<Prompt['notice']>({ version: isNumber, lapses_after: isNullOr(isText) }),
      data: isData,
      lang: isLang,
    }),
  ),
  not_before: isList(
    isObject<Prompts['not_before'][number]>({ purpose: isText, title: isText, from: isTime, lang: isLang }),
  ),
});

/** What a user was told of a purpose. */
export type Notice = Pick<Schemas['Notice'], 'version' | 'title' | 'description'> &
  WithLang & { readonly data: Data };
export const isNotice = isObject<Notice>({
  version: isNumber,
  title: isText,
  description: isText,
  data: isData,
  lang: isLang,
});

export type Use = Pick<
  Schemas['UseOfUser'],
  'day' | 'client' | 'client_does' | 'permitted' | 'why' | 'times' | 'case' | 'setting'
> &
  WithLang & {
    readonly purpose: WithLang & { readonly id: string; readonly title: string };
    readonly data: readonly { readonly id: string; readonly title: string }[];
    readonly review: { readonly role_title: string; readonly items: number | null } | null;
  };
export type Lookup = Pick<Schemas['LedgerLookup'], 'at' | 'role_title' | 'reason'>;
export type Uses = {
  readonly complete_until: string | null;
  readonly uses: readonly Use[];
  readonly lookups: readonly Lookup[];
  readonly next?: string | undefined;
};
export const isUses: Shape<Uses> = isObject<Uses>({
  complete_until: isNullOr(isTime),
  uses: isList(
    isObject<Use>({
      day: isTime,
      client: isText,
      client_does: isNullOr(isText),
      permitted: isYesOrNo,
      why: isText,
      lang: isLang,
      times: isNumber,
      case: isNullOr(isText),
      setting: isNullOr(isText),
      purpose: isTitledIn,
      data: isList(isTitled),
      review: isNullOr(
        isObject<{ role_title: string; items: number | null }>({
          role_title: isText,
          items: isNullOr(isNumber),
        }),
      ),
    }),
  ),
  lookups: isList(isObject<Lookup>({ at: isTime, role_title: isText, reason: isText })),
  next: isAbsentOr(isText),
});

type Said = Pick<Schemas['ToldEvent'], 'id' | 'at' | 'via' | 'title' | 'receipt'> & {
  readonly by: Schemas['ChangedBy'];
};
/** What was once said for a user. */
export type Event = Said &
  (
    | { readonly kind: 'choice'; readonly purpose: string; readonly choice: Choice | 'none' }
    | { readonly kind: 'signal'; readonly signal: 'gpc'; readonly withdrawn: boolean }
    | { readonly kind: 'profile'; readonly region: string }
    | {
        readonly kind: 'visibility';
        readonly group: string;
        readonly level: string;
        readonly level_title?: string | null | undefined;
      }
  );
const SAID = {
  id: isText,
  at: isTime,
  via: isOneOf<Said['via']>('settings', 'gpc', 'tcf', 'import', 'expiry', 'lapse', 'birthday'),
  by: isObject<Schemas['ChangedBy']>({
    kind: isOneOf<Schemas['ChangedBy']['kind']>('user', 'service', 'engine'),
    id: isText,
  }),
  title: isNullOr(isText),
  receipt: isYesOrNo,
};
/** A page of it, the newest first. */
export type History = { readonly events: readonly Event[]; readonly next?: string | undefined };
export const isHistory: Shape<History> = isObject<History>({
  next: isAbsentOr(isText),
  events: isList<Event>(
    isEither(
      isObject<Extract<Event, { kind: 'choice' }>>({
        ...SAID,
        kind: isOneOf<'choice'>('choice'),
        purpose: isText,
        choice: isOneOf<Choice | 'none'>('granted', 'denied', 'none'),
      }),
      isObject<Extract<Event, { kind: 'signal' }>>({
        ...SAID,
        kind: isOneOf<'signal'>('signal'),
        signal: isOneOf<'gpc'>('gpc'),
        withdrawn: isYesOrNo,
      }),
      isObject<Extract<Event, { kind: 'profile' }>>({
        ...SAID,
        kind: isOneOf<'profile'>('profile'),
        region: isText,
      }),
      isObject<Extract<Event, { kind: 'visibility' }>>({
        ...SAID,
        kind: isOneOf<'visibility'>('visibility'),
        group: isText,
        level: isText,
        level_title: isAbsentOr(isNullOr(isText)),
      }),
    ),
  ),
});

export type SignedReceipt = { readonly receipt: object; readonly jws: string };
export const isSignedReceipt = isObject<SignedReceipt>({
  receipt: (value): value is object => typeof value === 'object' && value !== null,
  jws: isText,
});

export type Key = Schemas['ReceiptKeySet']['keys'][number];
export const isKeySet = isObject<{ keys: Key[] }>({
  keys: isList(
    isObject<Key>({
      kty: isOneOf<'OKP'>('OKP'),
      crv: isOneOf<'Ed25519'>('Ed25519'),
      x: isText,
      use: isOneOf<'sig'>('sig'),
      alg: isOneOf<'EdDSA'>('EdDSA'),
      kid: isText,
      created_at: isTime,
      retired_at: isNullOr(isTime),
    }),
  ),
});

/** What an erasure leaves, why, and until when: `null` is for good. */
export type Kept = Pick<Schemas['Kept'], 'what' | 'why' | 'until'>;
/** Without a record there was nothing to erase. */
export type Erased = { readonly erased: boolean; readonly kept?: readonly Kept[] | undefined };
export const isErased: Shape<Erased> = isObject<Erased>({
  erased: isYesOrNo,
  kept: isAbsentOr(isList(isObject<Kept>({ what: isText, why: isText, until: isNullOr(isTime) }))),
});

/** Where to sign out of the identity provider as well, if anywhere. */
export type SignedOut = { readonly continue_at?: string | null | undefined };
export const isSignedOut: Shape<SignedOut> = isObject<SignedOut>({
  continue_at: isAbsentOr(isNullOr(isText)),
});
