/** What shows that nothing was changed unseen: the log, the keys of receipts, and the records of erasures. */
import { ForWhoMay } from '../../parts/answer.js';
import { useWordsOf } from '../../words/words.js';
import { Erasures } from './erasures.js';
import { Keys } from './keys.js';
import { Log } from './log.js';
import './proof.css';
import { PROOF } from './words.js';

export function ProofView() {
  const own = useWordsOf(PROOF);
  return (
    <>
      <h1>{own.title}</h1>
      <ForWhoMay route="GET /v1/log" title={own.log.title}>
        <Log />
      </ForWhoMay>
      <Keys />
      <ForWhoMay route="GET /v1/erasures" title={own.erasures.title}>
        <Erasures />
      </ForWhoMay>
    </>
  );
}
