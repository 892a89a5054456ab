/** Texts of the policy for a reader of a language, member by member; what stands in for a missing one says so. */
import {
  type PolicyDocument,
  TEXT_MEMBERS,
  type Told,
  languagesOf,
  textsIn,
  writtenIn,
} from '../decision/policy.js';

/** Languages as BCP 47 tags, by the member whose text is in it. */
export type Lang = Readonly<Record<string, string>>;

/** Absent: all texts are in the language that they were asked for in. */
export type WithLang = { readonly lang?: Lang };

type Titled = Told & { readonly title: string };

/** The title of an entry. */
export function titleIn(
  document: PolicyDocument,
  entry: Titled,
  language: string,
): { readonly title: string } & WithLang {
  return { title: textsIn<Titled>(entry, language).title, ...langOf(document, entry, language, ['title']) };
}

/** The title and the description of an entry, if it has one. */
export function wordsIn(
  document: PolicyDocument,
  entry: Titled,
  language: string,
): { readonly title: string; readonly description?: string } & WithLang {
  const { title, description } = textsIn<Titled>(entry, language);
  return {
    title,
    ...(description === undefined ? {} : { description }),
    ...langOf(document, entry, language),
  };
}

/** The languages of those texts of an entry that are not in the one asked for. */
export function langOf(
  document: PolicyDocument,
  entry: Told,
  language: string,
  members: readonly (typeof TEXT_MEMBERS)[number][] = TEXT_MEMBERS,
): WithLang {
  const [first] = languagesOf(document);
  const standIns = members.filter(
    (member) => entry[member] !== undefined && writtenIn(document, entry, member, language) === undefined,
  );
  return withLang(Object.fromEntries(standIns.map((member) => [member, first])));
}

/** Nothing is said where there is nothing to say. */
export function withLang(lang: Lang): WithLang {
  return Object.keys(lang).length === 0 ? {} : { lang };
}
