/** Texts of the policy and of the engine, which are not always in the language of the page. */
import type { Lang } from './answers.js';
import { usePage } from './page.js';
import { directionOf } from './words/words.js';

/**
 * A text of an answer, with its language where that is not the page's (WCAG 2.2, success criterion 3.1.2).
 *
 * @param member under which it stands in the answer
 */
export function Told({
  of,
  member,
  text,
}: {
  readonly of: { readonly lang?: Lang | undefined };
  readonly member: string;
  readonly text: string;
}) {
  const { lang: own, settings } = usePage();
  const lang = of.lang?.[member] ?? settings.language;
  if (lang === own) return <>{text}</>;
  return (
    <span lang={lang} dir={directionOf(lang)}>
      {text}
    </span>
  );
}
