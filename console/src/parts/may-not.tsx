/** Why somebody may not do something: the sentence of the service, which is in English, in one of the console. */
import { useWords } from '../words/words.js';
import { Sentence } from './sentence.js';

/** What a caller with a token is to do, and nobody at the console has one. */
const ADVICE = /(?:: leave .+, or|:) use the token .+$/;

type Props = {
  readonly why: string;
  /** What begins it; absent: that one may not do this. */
  readonly says?: string;
};

export function MayNot({ why, says }: Props) {
  const words = useWords();
  return (
    <>
      {says ?? words.mayNot} <Sentence says={why.replace(ADVICE, '')} />.
    </>
  );
}
