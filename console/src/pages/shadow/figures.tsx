/** What a draft in the shadow has seen: how much, what would have been otherwise, and what it cost. */
import { Link } from 'wouter';
import { Count } from '../../parts/listing.js';
import { Time } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import { TURNS, addressWith } from './turns.js';
import type { Report } from './use-shadow.js';
import { SHADOW } from './words.js';

export function Figures({ report }: { readonly report: Report }) {
  const own = useWordsOf(SHADOW);
  const { figures } = own;
  const { draft, compared, differences, others } = report;
  const sum = (all: Report['differences']) => all.reduce((total, { count }) => total + count, 0);
  const differing = sum(differences) + others;
  return (
    <section className="listing" aria-labelledby="seen">
      <h2 id="seen">{own.report}</h2>
      <dl className="figures">
        <Figure name={figures.since}>
          <Time at={report.since} />
        </Figure>
        <Figure name={figures.edit}>{report.edit}</Figure>
        <Figure name={figures.share}>{own.part(report.share)}</Figure>
        <Figure name={figures.decisions}>
          <Count of={report.decisions} />
        </Figure>
        <Figure name={figures.compared}>
          <Count of={compared} />
        </Figure>
        <Figure name={figures.skipped}>
          <Count of={report.skipped} />
        </Figure>
        <Figure name={figures.differing}>
          <Link href={addressWith(draft, '')}>
            <Count of={differing} />
          </Link>
          {compared === 0 ? '' : `, ${own.ofCompared(differing / compared)}`}
        </Figure>
        {TURNS.map((turns) => (
          <Figure key={turns} name={figures[turns]}>
            <Link href={addressWith(draft, turns)}>
              <Count of={sum(differences.filter((one) => one.turns === turns))} />
            </Link>
          </Figure>
        ))}
        {others === 0 ? null : (
          <Figure name={figures.others}>
            <Count of={others} />
          </Figure>
        )}
        <Figure name={figures.cost}>{own.cost(report.cost_ms, report.cost_share)}</Figure>
      </dl>
    </section>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
