/** The terms of an opt-in, and whether two versions ask for the same. */
import { canonicalize } from 'json-canonicalize';
import {
  type PolicyDocument,
  type Purpose,
  TEXT_MEMBERS,
  type TextMember,
  dependenciesOf,
  languagesOf,
  writtenIn,
} from '../../decision/policy.js';
import { changesOfLapses } from '../../decision/comparison/changes/lapse-changes.js';
import { dataOfField, fieldsOpenTo, rootsOf } from '../../policy/open-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

/**
 * Purposes that need a grant somewhere, before and after, and whose terms differ: title, description, the purposes they
 * depend on, the data they open, and how long a grant holds, if that is longer. GDPR articles 4(11) and 7: consent is to what the person was told, so a change of
 * that must name the notice of future grants. Texts are compared where both versions have written them: adding or
 * removing a translation does not change the others.
 */
export function changedTerms(before: PolicyVersion, after: PolicyVersion): string[] {
  const longer = holdingLonger(before, after);
  return [...after.purposes.values()]
    .filter((purpose) => {
      const known = before.purposes.get(purpose.id);
      if (known === undefined || !isOptIn(known) || !isOptIn(purpose)) return false;
      if (longer.has(purpose.id)) return true;
      const texts = textsInBoth(textsOf(before.document, known), textsOf(after.document, purpose));
      return !isWhole(texts) || termsOf(before, known, texts) !== termsOf(after, purpose, texts);
    })
    .map(({ id }) => id);
}

/** The purposes whose grants hold longer than whoever gave them was told. */
function holdingLonger(before: PolicyVersion, after: PolicyVersion): ReadonlySet<string> {
  return new Set(
    changesOfLapses(before, after)
      .filter(
        ({ purpose, regime, opens }) => opens && after.purposes.get(purpose)?.settings[regime] === 'opt_in',
      )
      .map(({ purpose }) => purpose),
  );
}

export function isOptIn({ settings }: Purpose): boolean {
  return Object.values(settings).includes('opt_in');
}

/**
 * Whether a grant of a purpose in one version covers the purpose in another: the texts are equal wherever both have
 * written them, and nothing was added. What is only removed needs no new grant.
 */
export function covers(before: PolicyVersion, after: PolicyVersion, id: string): boolean {
  const [known, purpose] = [before.purposes.get(id), after.purposes.get(id)];
  if (known === undefined || purpose === undefined) return false;
  const texts = textsInBoth(textsOf(before.document, known), textsOf(after.document, purpose));
  return (
    isWhole(texts) &&
    !holdingLonger(before, after).has(id) &&
    saysTheSame([before.document, known], [after.document, purpose], texts) &&
    isWithin(openTo(after, id), openTo(before, id)) &&
    isWithin(known.obligations ?? [], purpose.obligations ?? []) &&
    isWithin(dependenciesOf(id, before.purposes), dependenciesOf(id, after.purposes))
  );
}

/** Names a text of a purpose: its language and its member. */
export type TextName = `${string} ${TextMember}`;

/** The texts of a purpose that are written. What stands in for a missing one is compared in its own language. */
export function textsOf(document: PolicyDocument, purpose: Purpose): ReadonlyMap<TextName, string> {
  return new Map(
    languagesOf(document).flatMap((language) =>
      TEXT_MEMBERS.flatMap((member): [TextName, string][] => {
        const text = writtenIn(document, purpose, member, language);
        return text === undefined ? [] : [[`${language} ${member}`, text]];
      }),
    ),
  );
}

export function textsInBoth(
  these: ReadonlyMap<TextName, unknown>,
  those: ReadonlyMap<TextName, unknown>,
): TextName[] {
  return [...these.keys()].filter((name) => those.has(name));
}

/** Whether they are all that a reader of some language is told: otherwise nothing shows that the terms are the same. */
function isWhole(names: readonly TextName[]): boolean {
  const known = new Set<string>(names);
  return names.some((name) => {
    const [language = ''] = name.split(' ');
    return TEXT_MEMBERS.every((member) => known.has(`${language} ${member}`));
  });
}

type Purposed = readonly [document: PolicyDocument, purpose: Purpose];

/** Whether two notices of a purpose have the same texts, as far as these go. */
export function saysTheSame(one: Purposed, other: Purposed, texts: readonly TextName[]): boolean {
  return wordsOf(one, texts) === wordsOf(other, texts);
}

function wordsOf([document, purpose]: Purposed, texts: readonly TextName[]): string {
  const { dpv, processing, tcf } = purpose;
  return JSON.stringify([theseOf(document, purpose, texts), dpv, processing, tcf?.map(String).toSorted()]);
}

function theseOf(document: PolicyDocument, purpose: Purpose, names: readonly TextName[]) {
  const texts = textsOf(document, purpose);
  return names.map((name) => [name, texts.get(name)]);
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

function termsOf(version: PolicyVersion, purpose: Purpose, names: readonly TextName[]): string {
  const { id, dpv, processing, tcf, provenance, obligations } = purpose;
  const open = openTo(version, id);
  const needs = dependenciesOf(id, version.purposes);
  return canonicalize(
    JSON.parse(
      JSON.stringify({
        texts: theseOf(version.document, purpose, names),
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
