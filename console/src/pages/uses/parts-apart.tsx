/** The parts of a purpose that is looked for: what they used is recorded under their own names. */
import { Link } from 'wouter';
import type { Purpose } from '../../../../src/decision/policy.js';
import { useVersion } from '../../api/policy.js';
import { Names } from '../../parts/sentence.js';
import { useWordsOf } from '../../words/words.js';
import { type Asked, searchOf } from './asked.js';
import { USES } from './words.js';

export function PartsApart({ asked }: { readonly asked: Asked }) {
  const own = useWordsOf(USES);
  const purposes = useVersion('current').data?.document.purposes ?? [];
  const parts = partsOf(asked.purpose, purposes);
  if (parts.length === 0) return null;
  return (
    <p>
      <Names says={own.partsApart(asked.purpose)} />{' '}
      {parts.map((id, at) => (
        <span key={id}>
          {at === 0 ? '' : ', '}
          <Link href={searchOf(asked, { purpose: id, use: '' })}>{id}</Link>
        </span>
      ))}
    </p>
  );
}

/** The parts of a purpose, and theirs. */
function partsOf(whole: string, purposes: readonly Purpose[]): readonly string[] {
  return purposes
    .filter(({ parent }) => parent === whole)
    .flatMap(({ id }) => [id, ...partsOf(id, purposes)]);
}
