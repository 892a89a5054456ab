/** The terms of an opt-in, and whether two versions ask for the same. */
import { canonicalize } from 'json-canonicalize';
import { type Purpose, dependenciesOf, languagesOf, textsIn } from '../../decision/policy.js';
import { dataOfField, fieldsOpenTo, rootsOf } from '../../policy/open-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

/**
 * Purposes that need a grant somewhere, before and after, and whose terms differ: title, description, the purposes they
 * depend on, and the data they open. GDPR articles 4(11) and 7: consent is to what the person was told, so a change of
 * that must name the notice of future grants. Texts are compared in every language that both versions have: adding or
 * removing a language does not change the others.
 */
export function changedTerms(before: PolicyVersion, after: PolicyVersion): string[] {
  const languages = languagesInBoth(languagesOf(before.document), languagesOf(after.document));
  return [...after.purposes.values()]
    .filter((purpose) => {
      const known = before.purposes.get(purpose.id);
      return (
        known !== undefined &&
        isOptIn(known) &&
        isOptIn(purpose) &&
        (languages.length === 0 || termsOf(before, known, languages) !== termsOf(after, purpose, languages))
      );
    })
    .map(({ id }) => id);
}

export function isOptIn({ settings }: Purpose): boolean {
  return Object.values(settings).includes('opt_in');
}

/**
 * Whether a grant of a purpose in one version covers the purpose in another: the texts are equal in every language that
 * both have, and nothing was added. What is only removed needs no new grant.
 */
export function covers(before: PolicyVersion, after: PolicyVersion, id: string): boolean {
  const [known, purpose] = [before.purposes.get(id), after.purposes.get(id)];
  if (known === undefined || purpose === undefined) return false;
  const languages = languagesInBoth(languagesOf(before.document), languagesOf(after.document));
  return (
    languages.length > 0 &&
    saysTheSame(known, purpose, languages) &&
    isWithin(openTo(after, id), openTo(before, id)) &&
    isWithin(known.obligations ?? [], purpose.obligations ?? []) &&
    isWithin(dependenciesOf(id, before.purposes), dependenciesOf(id, after.purposes))
  );
}

/** Whether two notices of a purpose have the same texts, in these languages. */
export function saysTheSame(one: Purpose, other: Purpose, languages: readonly string[]): boolean {
  return wordsOf(one, languages) === wordsOf(other, languages);
}

export function languagesInBoth(these: readonly string[], those: readonly string[]): string[] {
  return these.filter((language) => those.includes(language));
}

function wordsOf(purpose: Purpose, languages: readonly string[]): string {
  const { dpv, processing, tcf } = purpose;
  return JSON.stringify([textsOf(purpose, languages), dpv, processing, tcf?.map(String).toSorted()]);
}

function textsOf(purpose: Purpose, languages: readonly string[]) {
  return languages.map((language) => {
    const { title, description } = textsIn(purpose, language);
    return { title, description };
  });
}

function isWithin(these: readonly string[], those: readonly string[]): boolean {
  return these.every((one) => those.includes(one));
}

/** The fields that a purpose opens, with their categories and what they are made of. */
function openTo(version: PolicyVersion, id: string): string[] {
  return fieldsOpenTo(version, id).map((field) => {
    const { categories } = dataOfField(version, field);
    const roots = rootsOf(version, field).map((root) => root.id);
    return [field.id, categories.toSorted().join(), roots.toSorted().join()].join(' ').trimEnd();
  });
}

function termsOf(version: PolicyVersion, purpose: Purpose, languages: readonly string[]): string {
  const { id, dpv, processing, tcf, provenance, obligations } = purpose;
  const open = openTo(version, id);
  const needs = dependenciesOf(id, version.purposes);
  return canonicalize(
    JSON.parse(
      JSON.stringify({
        texts: textsOf(purpose, languages),
        dpv,
        processing,
        tcf,
        provenance,
        obligations: obligations?.toSorted(),
        needs: needs.toSorted(),
        open: open.toSorted(),
      }),
    ),
  );
}
