import { describe, expect, it } from 'vitest';
import { EMPTY_RECORD } from '../../decision/consent-event.js';
import { Tokens, drawName } from '../log/consistency-token.js';
import type { UserHistory } from './history.js';
import { promptsOf } from './prompts/prompts.js';
import { promptsView } from './prompts/prompts.view.js';
import { settingsOn } from './settings.js';
import { settingsView } from './settings.view.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { policiesOn } from '../../../test/at-once.js';

/** The reference policy, in further languages that nothing is written in yet. */
const { current } = policiesOn({ ...REFERENCE, languages: ['en', 'de', 'ja', 'it'] });
const TOKENS = new Tokens(drawName(), [{ after: 0, name: drawName() }]);
const NOTHING_SAID: UserHistory = { choices: new Map(), signals: new Map(), levels: new Map() };

/** The settings and the prompts of an adult in Germany. */
function shownIn(language: string) {
  const record = { ...EMPTY_RECORD, registered: true, region: 'DE', ageBand: 'adult' } as const;
  const settings = settingsOn(current, record, 1);
  const prompts = promptsOf(settings, NOTHING_SAID, 0);
  return [
    settingsView('u-1', settings, NOTHING_SAID, language, TOKENS),
    promptsView('u-1', settings, prompts, language, TOKENS),
  ];
}

/** Every object that has texts for people, with the languages that it says they are in. */
function textsOf(value: unknown): { readonly members: readonly string[]; readonly lang: unknown }[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  const { lang, ...others }: { readonly lang?: unknown } = value;
  const entries = new Map<string, unknown>(Object.entries(others));
  const members = ['title', 'description', 'why', 'regime_title'].filter(
    (name) => typeof entries.get(name) === 'string',
  );
  const own = members.length === 0 ? [] : [{ members, lang }];
  return [...own, ...[...entries.values()].flatMap(textsOf)];
}

describe('settings and prompts', () => {
  it.each(['en', 'de'])('say nothing of languages where every text is written in %s', (language) => {
    const texts = textsOf(shownIn(language));
    expect(texts.length).toBeGreaterThan(100);
    for (const { lang } of texts) expect(lang).toBeUndefined();
  });

  it.each([
    ['it', 'where the engine does not speak the language either', ['why']],
    ['ja', 'where the engine speaks the language', []],
  ])('name the language of each text that is not in %s, %s', (language, _when, engine) => {
    const texts = textsOf(shownIn(language));
    for (const { members, lang = {} } of texts)
      expect(lang).toEqual(
        Object.fromEntries(
          members
            .filter((member) => member !== 'why' || engine.includes(member))
            .map((member) => [member, 'en']),
        ),
      );
  });
});
