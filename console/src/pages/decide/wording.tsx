/** Texts that change, word by word in their language; and what else is written otherwise. */
import { useMemo } from 'react';
import type { Difference } from '../../api/drafts.js';
import { differenceOf, wordsOf } from '../../parts/difference.js';
import { Sentence } from '../../parts/sentence.js';
import { visible } from '../../parts/visible.js';
import { useWordsOf } from '../../words/words.js';
import { DECIDE } from './words.js';

type Rewrite = Difference['rewrites'][number];
type Wording = Rewrite & { readonly before?: string; readonly after?: string };

/** What people read, in the first language and in others. */
const TEXT = /^(?:translations\.(?<language>[^.]+)\.)?(?:title|description)$/;

/** Whether a text that people read changes. */
export function isWording(rewrite: Rewrite): rewrite is Wording {
  const { member = '', before = '', after = '' } = rewrite;
  return TEXT.test(member) && typeof before === 'string' && typeof after === 'string';
}

export function Wordings({ rewrites }: { readonly rewrites: readonly Wording[] }) {
  return rewrites.map((rewrite) => <Marked key={rewrite.says} {...rewrite} />);
}

function Marked({ section, id, member = '', before = '', after = '' }: Wording) {
  const own = useWordsOf(DECIDE);
  const language = TEXT.exec(member)?.groups?.['language'];
  const pieces = useMemo(
    () => differenceOf(wordsOf(before, language ?? 'en'), wordsOf(after, language ?? 'en')),
    [before, after, language],
  );
  const place = [section, id, member].filter((part) => part !== undefined).join(' › ');
  return (
    <figure className="wording">
      <figcaption>
        <code>{visible(place)}</code>
      </figcaption>
      {pieces === undefined ? (
        <>
          <p className="quiet">{own.tooLong}</p>
          <p lang={language}>
            <del>{visible(before)}</del>
          </p>
          <p lang={language}>
            <ins>{visible(after)}</ins>
          </p>
        </>
      ) : (
        <p lang={language}>
          {pieces.map(({ kind, items }, at) => {
            const text = visible(items.join(''));
            if (kind === 'same') return text;
            return kind === 'gone' ? (
              <del key={at}>
                <span className="hidden">{own.gone}: </span>
                {text}
              </del>
            ) : (
              <ins key={at}>
                <span className="hidden">{own.added}: </span>
                {text}
              </ins>
            );
          })}
        </p>
      )}
    </figure>
  );
}

/** What else is written otherwise, as the document has it. */
export function Rewrites({ rewrites }: { readonly rewrites: readonly Rewrite[] }) {
  const own = useWordsOf(DECIDE);
  const shown = (value: unknown) =>
    value === undefined ? own.notThere : visible(JSON.stringify(value, null, 2));
  return (
    <ul>
      {rewrites.map(({ says, before, after }) => (
        <li key={says}>
          <Sentence says={says} />
          <details>
            <summary>
              {own.before}, {own.after}
            </summary>
            <pre>
              <del>{shown(before)}</del>
            </pre>
            <pre>
              <ins>{shown(after)}</ins>
            </pre>
          </details>
        </li>
      ))}
    </ul>
  );
}
