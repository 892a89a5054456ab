/** Lints about texts in several languages. */
import { type PolicyDocument, TEXT_MEMBERS, type Told, languagesOf, writtenIn } from '../policy.js';
import type { Steps } from '../steps.js';
import { type Lint, few, named } from './lint-codes.js';

/** The lists whose entries people read. */
const TOLD = [
  'regimes',
  'obligations',
  'categories',
  'purposes',
  'visibility',
  'transforms',
  'fields',
] as const;

/** Texts that readers of a language get in the first one. */
export function* lintMissing(document: PolicyDocument): Steps<Lint[]> {
  const [first, ...others] = languagesOf(document);
  const missing = new Map<string, string[]>(others.map((language) => [language, []]));
  for (const { list, name, entry } of toldIn(document)) {
    yield;
    // obligations are for engineers
    if (list === 'obligations') continue;
    const members = TEXT_MEMBERS.filter((member) => entry[member] !== undefined);
    for (const [language, names] of missing) {
      const left = members.filter((member) => writtenIn(document, entry, member, language) === undefined);
      if (left.length > 0)
        names.push(left.length === members.length ? `\`${name}\`` : `\`${name}\` (${left.join()})`);
    }
  }
  return others.flatMap((language, at): Lint[] => {
    const names = missing.get(language) ?? [];
    if (names.length === 0) return [];
    return [
      {
        code: 'translation_missing',
        path: ['languages', at + 1],
        message: `readers of \`${language}\` get the texts of ${few(names)} in \`${first}\`: add them under \`translations\``,
      },
    ];
  });
}

/** Texts that changed in one language and not in another. */
export function* lintTranslations(document: PolicyDocument, before: PolicyDocument): Steps<Lint[]> {
  const spoken = new Set(languagesOf(before));
  const languages = languagesOf(document).filter((language) => spoken.has(language));
  const lints: Lint[] = [];
  const keyOf = ({ list, name }: Place) => `${list} ${name}`;
  const known = new Map(toldIn(before).map((place) => [keyOf(place), place.entry]));
  for (const place of toldIn(document)) {
    yield;
    const { entry, path } = place;
    const old = known.get(keyOf(place));
    if (old === undefined) continue;
    // what is only written now, or no more, changes nothing that somebody read in this language
    const texts = TEXT_MEMBERS.flatMap((member) =>
      languages.flatMap((language) => {
        const [was, is] = [
          writtenIn(before, old, member, language),
          writtenIn(document, entry, member, language),
        ];
        return was === undefined || is === undefined ? [] : [{ member, language, isChanged: was !== is }];
      }),
    );
    const changed = languages.filter((one) =>
      texts.some(({ language, isChanged }) => language === one && isChanged),
    );
    const members = new Set(texts.flatMap(({ member, isChanged }) => (isChanged ? [member] : [])));
    const left = languages.filter(
      (one) =>
        !changed.includes(one) &&
        texts.some(({ member, language }) => language === one && members.has(member)),
    );
    if (left.length === 0) continue;
    lints.push({
      code: 'translation_left',
      path,
      message: `the text of \`${entry.id}\` changes in ${named(changed)} and stays in ${named(left)}: change it there as well, unless it said the right thing already`,
    });
  }
  return lints;
}

/** An entry that people read, and a name that no other of its list has. */
type Place = {
  readonly list: string;
  readonly name: string;
  readonly entry: Told;
  readonly path: Lint['path'];
};

/** The entries that people read, the levels of visibility groups among them. */
function toldIn(document: PolicyDocument): Place[] {
  const levels = (document.visibility ?? []).flatMap((group, place) =>
    group.levels.map((entry, at) => ({
      list: 'levels',
      name: `${group.id}.${entry.id}`,
      entry,
      path: ['visibility', place, 'levels', at],
    })),
  );
  const entries = TOLD.flatMap((list) =>
    (document[list] ?? []).map((entry: Told, place) => ({
      list,
      name: entry.id,
      entry,
      path: [list, place],
    })),
  );
  return [...entries, ...levels];
}
