/** What the engine says about the text: the seal of the floor, errors, and what else to think about. */
import type { Finding } from '../../../law/check.js';
import { Said } from '../../../parts/said.js';
import { Names, Sentence } from '../../../parts/sentence.js';
import { useLanguage, useWordsOf } from '../../../words/words.js';
import type { Judged } from './use-verdict.js';
import { DRAFT } from '../words.js';

type Props = { readonly judged: Judged; readonly goTo: (line: number, column: number) => void };

export function Findings({ judged: { verdict, lints, isBusy, failed }, goTo }: Props) {
  const own = useWordsOf(DRAFT);
  return (
    <aside className="findings" aria-label={own.seal.title}>
      <Seal floor={verdict?.floor} isBusy={isBusy} hasErrors={(verdict?.errors.length ?? 0) > 0} />
      {failed === undefined ? null : <Said error={failed} />}
      {verdict === undefined ? null : (
        <section aria-labelledby="errors">
          <h2 id="errors">
            {verdict.errors.length === 0 ? own.noErrors : own.errors(verdict.errors.length)}
          </h2>
          <List findings={verdict.errors} goTo={goTo} />
        </section>
      )}
      {lints === undefined ? null : (
        <section aria-labelledby="lints">
          <h2 id="lints">{lints.count === 0 ? own.noLints : own.lints(lints.count)}</h2>
          {lints.count > lints.lints.length ? (
            <p className="quiet">{own.lintsShown(lints.lints.length)}</p>
          ) : null}
          <List findings={lints.lints} goTo={goTo} />
        </section>
      )}
    </aside>
  );
}

type SealProps = {
  readonly floor: NonNullable<Judged['verdict']>['floor'];
  readonly isBusy: boolean;
  readonly hasErrors: boolean;
};

const SIGNS = { none: '○', holds: '●', lowered: '△', broken: '■' } as const;

function stateOf(floor: SealProps['floor']): keyof typeof SIGNS {
  if (floor === undefined) return 'none';
  if (floor.broken !== undefined) return 'broken';
  return floor.lowered.length > 0 ? 'lowered' : 'holds';
}

function Seal({ floor, isBusy, hasErrors }: SealProps) {
  const { seal } = useWordsOf(DRAFT);
  const language = useLanguage();
  // what was proved of the text before says nothing about this one
  const state = isBusy ? 'none' : stateOf(floor);
  return (
    <section className="seal" data-seal={state} aria-busy={isBusy} aria-labelledby="seal">
      <h2 id="seal">{seal.title}</h2>
      <p className="seal-says" role="status">
        <span aria-hidden="true">{SIGNS[state]}</span>{' '}
        {isBusy ? seal.proving : state === 'none' && hasErrors ? seal.unproved : seal[state]}
      </p>
      {floor === undefined ? null : (
        <div className="seal-proof">
          {floor.broken === undefined ? null : (
            <p>
              <Sentence says={`${floor.broken}.`} />
            </p>
          )}
          <Sentences head={seal.ceremony} says={floor.lowered} />
          <Sentences head={seal.opens} says={floor.opens} />
          <p className="quiet">{seal.cells(floor.cells.toLocaleString(language))}</p>
        </div>
      )}
    </section>
  );
}

function Sentences({ head, says }: { readonly head: string; readonly says: readonly string[] }) {
  if (says.length === 0) return null;
  return (
    <>
      <p>{head}</p>
      <ul lang="en">
        {says.map((sentence) => (
          <li key={sentence}>
            <Names says={sentence} />
          </li>
        ))}
      </ul>
    </>
  );
}

function List({ findings, goTo }: { readonly findings: readonly Finding[]; readonly goTo: Props['goTo'] }) {
  const own = useWordsOf(DRAFT);
  return (
    <ol>
      {findings.map(({ line, column, path, message }, index) => (
        // eslint-disable-next-line react/no-array-index-key -- two may say the same of one place
        <li key={index}>
          {line === undefined || column === undefined ? null : (
            <button type="button" className="place" onClick={() => goTo(line, column)}>
              {own.place(line, column)}
            </button>
          )}{' '}
          {path === '' ? null : <code>{path}</code>} <Sentence says={message} />
        </li>
      ))}
    </ol>
  );
}
