/**
 * Notices: the exact text that a user is shown for a purpose before they decide, with a hash that proves it later. GDPR
 * articles 4(11) and 7(1): consent is to what the person was told, and whoever relies on it must be able to prove it.
 */
import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';
import { LRUCache } from 'lru-cache';
import {
  CATEGORIES,
  type Category,
  type Field,
  type PolicyDocument,
  type Purpose,
  languagesOf,
  noticeOf,
  textsIn,
} from '../decision/policy.js';
import type { Steps } from '../decision/steps.js';
import { dataOfField, fieldsOpenTo, rootsOf } from './open-fields.js';
import type { PolicyVersion } from './policy.service.js';
import type { PolicyStore } from './policy.store.js';
import { inSlices } from '../work/slices.js';
import type { Versions } from './versions.js';
import { type WithLang, langOf, titleIn, wordsIn } from './words.js';

/** The data of one category that a purpose opens. Titles of categories are there where the policy has them. */
export type DisclosedData = {
  readonly category: Category;
  readonly title?: string;
  readonly fields: readonly DisclosedField[];
} & WithLang;

type Titled = { readonly id: string; readonly title: string } & WithLang;

export type DisclosedField = Titled & {
  readonly description?: string;
  /** The fields that it is made of in the end; absent: it is not made of others. */
  readonly made_from?: readonly Titled[];
};

/**
 * The content of a notice. Only this is hashed, so that anybody with the text can repeat the hash: with what stood in for
 * missing translations, as it was shown.
 */
type NoticeText = {
  readonly purpose: string;
  /** Version of the terms of a grant; see `noticeOf`. */
  readonly version: number;
  /** In which it was asked for, a BCP 47 tag. Texts in another one say so with `lang`. */
  readonly language: string;
  readonly title: string;
  readonly description: string;
  readonly data: readonly DisclosedData[];
  /** By regime, after which time a grant lapses; absent: it does not. */
  readonly lapses_after?: Readonly<Record<string, string>>;
} & WithLang;

export type Notice = NoticeText & {
  /** `sha256:` and the hash of the canonical JSON (RFC 8785) of all other members. */
  readonly hash: string;
};

/** Identifies a notice of a purpose. */
export type NoticeName = { readonly version: number } | { readonly policy: string };

/** A notice as it was from one publication to another. */
export type NoticeVersion = {
  readonly version: number;
  /** The first policy version that had these texts. */
  readonly policy: string;
  /** When it came into force, and when it was replaced or the purpose removed, in milliseconds since the Unix epoch. */
  readonly since: number;
  readonly until: number | null;
  /** The hash of the notice in each language. */
  readonly hashes: Readonly<Record<string, string>>;
};

/** Notices by language and purpose. A version never changes, so notices are cached as long as it is. */
const made = new WeakMap<PolicyVersion, Map<string, Notice>>();

/**
 * The notice of a purpose.
 *
 * @param language one of the languages of the version
 */
export function noticeIn(version: PolicyVersion, purpose: Purpose, language: string): Notice {
  const known = made.get(version) ?? new Map<string, Notice>();
  made.set(version, known);
  const key = `${language} ${purpose.id}`;
  const notice = known.get(key) ?? hashed(textOf(version, purpose, language));
  known.set(key, notice);
  return notice;
}

function textOf(version: PolicyVersion, purpose: Purpose, language: string): NoticeText {
  const { title, description } = textsIn<Pick<Purpose, 'title' | 'description'>>(purpose, language);
  return {
    purpose: purpose.id,
    version: noticeOf(purpose),
    language,
    title,
    description,
    ...langOf(version.document, purpose, language),
    data: dataOf(version, purpose, language),
    ...(purpose.lapses_after === undefined ? {} : { lapses_after: purpose.lapses_after }),
  };
}

/** The languages that the texts of a notice are in, that of the notice first. */
export function languagesOfNotice({ language, lang = {}, data }: Notice): string[] {
  const texts = data.flatMap((part) => [
    ...(part.title === undefined ? [] : [part.lang?.['title']]),
    ...part.fields.flatMap((field) => [
      field.lang?.['title'],
      ...(field.description === undefined ? [] : [field.lang?.['description']]),
      ...(field.made_from ?? []).map((root) => root.lang?.['title']),
    ]),
  ]);
  const spoken = new Set([lang['title'], lang['description'], ...texts].map((one) => one ?? language));
  return [language, ...spoken].filter((one, at, all) => spoken.has(one) && all.indexOf(one) === at);
}

function hashed(text: NoticeText): Notice {
  return { ...text, hash: `sha256:${createHash('sha256').update(canonicalize(text)).digest('hex')}` };
}

function dataOf(version: PolicyVersion, { id }: Purpose, language: string): DisclosedData[] {
  const { document } = version;
  const open = fieldsOpenTo(version, id);
  return CATEGORIES.map((category) => ({
    category,
    ...titleOf(document, category, language),
    fields: open
      .filter((field) => dataOfField(version, field).categories.includes(category))
      .map((field) => disclosed(version, field, language)),
  })).filter(({ fields }) => fields.length > 0);
}

function titleOf({ categories = [], ...document }: PolicyDocument, category: Category, language: string) {
  const entry = categories.find(({ id }) => id === category);
  return entry === undefined ? {} : titleIn(document, entry, language);
}

function disclosed(version: PolicyVersion, field: Field, language: string): DisclosedField {
  const { document } = version;
  const roots = rootsOf(version, field).map((root) => ({
    id: root.id,
    ...titleIn(document, root, language),
  }));
  return {
    id: field.id,
    // INVARIANT: policies from before there were titles of categories keep the hashes that their readers hold
    ...(document.categories === undefined ? titleIn : wordsIn)(document, field, language),
    ...(roots.length === 0 ? {} : { made_from: roots }),
  };
}

/** Maximum number of publications searched. */
const MOST_PUBLICATIONS = 1_000;

/** The notice of a purpose in one policy version, in all its languages. */
type Digest = Pick<NoticeVersion, 'version' | 'hashes'>;

/** All notices, past and present. */
export class NoticeHistory {
  /** Cache, per policy version and purpose: a version is built for this only once. */
  private readonly digests = new LRUCache<string, Promise<ReadonlyMap<string, Digest>>>({
    max: MOST_PUBLICATIONS,
  });

  constructor(
    private readonly versions: Versions,
    private readonly store: PolicyStore,
  ) {}

  /**
   * The notices that a purpose has had, newest first, from the last 1,000 publications. Texts that were corrected
   * without a new notice version are listed separately, because their hashes differ.
   */
  async of(purpose: string): Promise<NoticeVersion[]> {
    const publications = (await this.store.publications(MOST_PUBLICATIONS)).toReversed();
    const found: NoticeVersion[] = [];
    for (const { version: policy, at } of publications) {
      const digest = (await this.digestsOf(policy)).get(purpose);
      const last = found.at(-1);
      const stands = last?.until === null ? last : undefined;
      if (stands !== undefined && digest !== undefined && isSame(stands, digest)) continue;
      if (stands !== undefined) found.splice(-1, 1, { ...stands, until: at });
      if (digest !== undefined) found.push({ ...digest, policy, since: at, until: null });
    }
    return found.toReversed();
  }

  /**
   * The policy version of a notice that users were shown.
   *
   * @param wanted the number of the notice, whose last texts are used; or the policy version itself, if it was in force
   */
  async holding(purpose: string, wanted: NoticeName): Promise<PolicyVersion | undefined> {
    const policy =
      'policy' in wanted
        ? (await this.store.publications(MOST_PUBLICATIONS)).find(({ version }) => version === wanted.policy)
            ?.version
        : (await this.of(purpose)).find(({ version }) => version === wanted.version)?.policy;
    return policy === undefined ? undefined : this.versions.get(policy);
  }

  private digestsOf(policy: string): Promise<ReadonlyMap<string, Digest>> {
    const known = this.digests.get(policy);
    if (known !== undefined) return known;
    const digests = this.versions.get(policy).then((version) => inSlices(digestSteps(version)));
    this.digests.set(policy, digests);
    // a failed read may succeed later
    void digests.catch(() => this.digests.delete(policy));
    return digests;
  }
}

function* digestSteps(version: PolicyVersion): Steps<ReadonlyMap<string, Digest>> {
  const digests = new Map<string, Digest>();
  for (const purpose of version.purposes.values()) {
    const hashes: [string, string][] = [];
    for (const language of languagesOf(version.document)) {
      // not cached: there are as many texts as versions × purposes × languages
      hashes.push([language, hashed(textOf(version, purpose, language)).hash]);
      yield;
    }
    digests.set(purpose.id, { version: noticeOf(purpose), hashes: Object.fromEntries(hashes) });
  }
  return digests;
}

function isSame(one: Digest, other: Digest): boolean {
  return one.version === other.version && canonicalize(one.hashes) === canonicalize(other.hashes);
}
