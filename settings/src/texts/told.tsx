/** Texts of the policy and of the engine, which are not always in the language of the page. */
import type { ComponentChildren } from 'preact';
import type { Lang } from '../service/answers.js';
import { usePage } from '../page.js';
import { directionOf } from '../words/words.js';

/**
 * A text of an answer, with its language where that is not the page's (WCAG 2.2, success criterion 3.1.2). It is kept apart
 * from what stands around it, whose direction it must not turn (Unicode Standard Annex 9, section 6.3).
 *
 * @param member under which it stands in the answer
 * @param children the text, where parts of it are marked
 */
export function Told({
  of,
  member,
  text,
  children = text,
}: {
  readonly of: { readonly lang?: Lang | undefined };
  readonly member: string;
  readonly text?: string;
  readonly children?: ComponentChildren;
}) {
  const { lang: own, settings } = usePage();
  const lang = of.lang?.[member] ?? settings.language;
  return lang === own ? (
    <bdi>{children}</bdi>
  ) : (
    <bdi lang={lang} dir={directionOf(lang)}>
      {children}
    </bdi>
  );
}
