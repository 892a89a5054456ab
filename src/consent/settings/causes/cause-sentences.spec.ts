import { describe, expect, it } from 'vitest';
import { CHOICES, WAYS } from '../../../decision/consent-event.js';
import type { Because, Cause } from './cause.js';
import { type InEach, SPOKEN } from '../../../http/headers/spoken.js';
import { sentenceFor } from './cause-sentences.js';
import { english } from './sentences/en.js';
import type { Sentences } from './sentences/sentences.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';

const { current } = policiesOn(REFERENCE);
const [purpose] = current.document.purposes;
if (purpose === undefined) throw new Error('the policy has no purpose');

const ORIGINS = [
  undefined,
  ...(['user', 'service'] as const).flatMap((kind) =>
    WAYS.map((via) => ({ by: { kind, id: 'accounts' }, via, at: Date.UTC(2026, 10, 23, 12) })),
  ),
];
/** Everything that can be a cause, by its code: the compiler sees to it that none is missing. */
const CAUSES: { readonly [B in Because]: readonly Extract<Cause, { because: B }>[] } = {
  default: (['always', 'opt_out', 'opt_in'] as const).map((setting) => ({ because: 'default', setting })),
  lapsed: [{ because: 'lapsed', at: Date.UTC(2026, 10, 23, 12) }],
  lapses_soon: [{ because: 'lapses_soon', at: Date.UTC(2026, 10, 23, 12) }],
  choice: CHOICES.flatMap((choice) => ORIGINS.map((origin) => ({ because: 'choice', choice, origin }))),
  signal: ORIGINS.map((origin) => ({ because: 'signal', origin })),
  dependency: [{ because: 'dependency', on: purpose }],
  age: [true, false].map((known) => ({ because: 'age', known })),
  notice: [null, 1].flatMap((accepted) => ORIGINS.map((origin) => ({ because: 'notice', accepted, origin }))),
  regime: [true, false].map((opens) => ({ because: 'regime', opens })),
  unknown_user: [{ because: 'unknown_user' }],
};
const LAWS = ['Kalifornien', null];
const titleOf = () => 'Personalised ads';

const all = Object.values(CAUSES).flat();

/** A name in the quotation marks of each language. */
const QUOTED: InEach<(name: string) => string> = {
  en: (name) => `“${name}”`,
  de: (name) => `„${name}“`,
  fr: (name) => `«\u00a0${name}\u00a0»`,
  es: (name) => `«${name}»`,
  // whatever the script of the name, its direction does not spread
  ar: (name) => `«\u2068${name}\u2069»`,
  ja: (name) => `「${name}」`,
};
/** What only a sentence says whose user acted themselves. */
const USER_DID: InEach<RegExp> = {
  en: /You (had )?turned/,
  de: /Sie (haben|hatten) dies/,
  fr: /Vous avez (dés)?activé/,
  es: /Usted (des)?activó/,
  ar: /من جانبك/,
  ja: /^あなたが/,
};

describe.each(SPOKEN)('in %s', (language) => {
  it.each(Object.keys(CAUSES))(
    'every %s is told in a sentence of its own, as a person would say it',
    (code) => {
      for (const cause of all.filter(({ because }) => because === code))
        for (const law of LAWS) {
          const sentence = sentenceFor(cause, language, { law, titleOf });
          expect(sentence, JSON.stringify(cause)).toMatch(/^[\p{Lu}\p{Lo}].{15,}[.。]$/u);
          expect(sentence).not.toMatch(/undefined|null|NaN|\[object|`|_/);
          expect(sentence).not.toMatch(/ {2}| [.,،。、]/);
        }
    },
  );

  it('different causes are told differently', () => {
    const told = Object.values(CAUSES).map(([cause]) =>
      cause === undefined ? '' : sentenceFor(cause, language, { law: 'Kalifornien', titleOf }),
    );
    expect(new Set(told).size).toBe(told.length);
  });

  it('a purpose that is in the way is named in quotation marks, and the law where it decides', () => {
    expect(sentenceFor({ because: 'dependency', on: purpose }, language, { law: null, titleOf })).toContain(
      QUOTED[language]('Personalised ads'),
    );
    for (const cause of [...CAUSES.regime.slice(0, 1), ...CAUSES.default.slice(1)])
      expect(sentenceFor(cause, language, { law: 'Kalifornien', titleOf })).toContain('Kalifornien');
  });
});

describe('a sentence', () => {
  const choice = { because: 'choice', choice: 'granted', origin: ORIGINS[1] } as const;
  const named = { law: null, titleOf };

  it('has the day as people of its language write it', () => {
    expect(sentenceFor(choice, 'en', named)).toBe('You turned this on on 23 November 2026.');
    expect(sentenceFor(choice, 'de', named)).toBe('Sie haben dies am 23. November 2026 eingeschaltet.');
    expect(sentenceFor(choice, 'fr', named)).toBe('Vous avez activé ceci le 23 novembre 2026.');
    expect(sentenceFor(choice, 'es', named)).toBe('Usted activó esto el 23 de noviembre de 2026.');
    expect(sentenceFor(choice, 'ar', named)).toBe('جرى تفعيل هذا الاستخدام من جانبك في 23 نوفمبر 2026.');
    expect(sentenceFor(choice, 'ja', named)).toBe('あなたが2026年11月23日にこの利用をオンにしました。');
  });

  it('has the first of a month in French as an ordinal number', () => {
    const origin = { by: { kind: 'user', id: 'u-1' }, via: 'settings', at: Date.UTC(2026, 10, 1) } as const;
    expect(sentenceFor({ ...choice, origin }, 'fr', named)).toBe(
      'Vous avez activé ceci le 1er novembre 2026.',
    );
  });

  it.each(SPOKEN)('never says that the user did what a service did for them, in %s', (language) => {
    const settings = ORIGINS.filter((origin) => origin?.via !== 'expiry');
    for (const origin of settings) {
      const causes: readonly Cause[] = [
        ...CHOICES.map((choice) => ({ because: 'choice' as const, choice, origin })),
        { because: 'notice', accepted: 1, origin },
        { because: 'notice', accepted: null, origin },
      ];
      for (const cause of causes) {
        const sentence = sentenceFor(cause, language, named);
        if (origin?.by.kind === 'user') expect(sentence).toMatch(USER_DID[language]);
        else expect(sentence).not.toMatch(USER_DID[language]);
      }
    }
  });

  it.each(SPOKEN)('names the service that acted, in the quotation marks of %s', (language) => {
    const acted = all.filter(
      (cause) => 'origin' in cause && cause.origin?.by.kind === 'service' && cause.origin.via !== 'expiry',
    );
    expect(new Set(acted.map(({ because }) => because))).toEqual(new Set(['choice', 'signal', 'notice']));
    for (const cause of acted)
      expect(sentenceFor(cause, language, named)).toContain(QUOTED[language]('accounts'));
  });

  it('names the service that acted, and says of an import that it came from elsewhere', () => {
    const by = { kind: 'service' as const, id: 'accounts' };
    const at = Date.UTC(2026, 10, 23);
    const told = (via: 'settings' | 'import' | 'gpc' | 'tcf', because: 'choice' | 'signal' = 'choice') => {
      const origin = { by, via, at };
      return sentenceFor(
        because === 'choice' ? { because, choice: 'granted', origin } : { because, origin },
        'en',
        named,
      );
    };
    expect(told('settings')).toBe('The service “accounts” turned this on for you on 23 November 2026.');
    expect(told('import')).toBe(
      'The service “accounts” took this over from an earlier system, where it was turned on on 23 November 2026.',
    );
    expect(told('gpc', 'signal')).toBe(
      'This is off because the service “accounts” told us on 23 November 2026 that your browser sends a Global Privacy Control signal.',
    );
    expect(told('tcf', 'signal')).toContain('a choice of yours that the service “accounts” passed on to us');
  });

  it('is in the nearest language that there is, and else in English', () => {
    expect(sentenceFor(choice, 'de-AT', named)).toBe(sentenceFor(choice, 'de', named));
    expect(sentenceFor(choice, 'it', named)).toBe(sentenceFor(choice, 'en', named));
  });
});

it('a language that cannot tell a cause does not compile', () => {
  const { unknown_user: _unknown, ...others } = english;
  // @ts-expect-error `unknown_user` is missing
  const sentences: Sentences = others;
  expect(sentences).toBe(others);
});
