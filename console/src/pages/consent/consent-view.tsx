/** Where people stand by purpose, law and reason, who is in, and what was taken for training. */
import { textsIn } from '../../../../src/decision/policy.js';
import { useVersion } from '../../api/policy.js';
import { Answer } from '../../parts/answer.js';
import { useQueryState } from '../../parts/query.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { Balance } from './balance.js';
import './consent.css';
import { Counts } from './counts.js';
import { Extracts } from './extracts.js';
import { CONSENT } from './words.js';

const DAYS = ['1', '7', '30', '90', '366'] as const;
const USUAL = { purpose: '', regime: '', days: '30', by: 'regime' };

export function ConsentView() {
  const own = useWordsOf(CONSENT);
  const language = useLanguage();
  const [asked, change] = useQueryState(USUAL);
  const days = DAYS.find((count) => count === asked.days) ?? '30';
  return (
    <>
      <h1>{own.title}</h1>
      <Answer query={useVersion('current')}>
        {({ document }) => {
          const regimes = [...document.regimes.map(({ id }) => id), 'unknown'];
          // no link shows numbers under the name of another purpose or law
          const { id: purpose = '' } =
            document.purposes.find(({ id }) => id === asked.purpose) ?? document.purposes[0] ?? {};
          const regime = regimes.find((id) => id === asked.regime) ?? '';
          const titleOf = (id: string) => {
            const known = document.regimes.find((one) => one.id === id);
            return known === undefined ? own.unknownRegime : textsIn(known, language).title;
          };
          return (
            <>
              <div className="bar">
                <label>
                  <span>{own.purpose}</span>
                  <select value={purpose} onChange={({ target }) => change({ purpose: target.value })}>
                    {document.purposes.map((one) => (
                      <option key={one.id} value={one.id}>
                        {one.id} · {textsIn(one, language).title}
                      </option>
                    ))}
                  </select>
                </label>
                <label>
                  <span>{own.regime}</span>
                  <select value={regime} onChange={({ target }) => change({ regime: target.value })}>
                    <option value="">{own.everywhere}</option>
                    {regimes.map((id) => (
                      <option key={id} value={id}>
                        {titleOf(id)}
                      </option>
                    ))}
                  </select>
                </label>
                <label>
                  <span>{own.days}</span>
                  <select value={days} onChange={({ target }) => change({ days: target.value })}>
                    {DAYS.map((count) => (
                      <option key={count} value={count}>
                        {own.daysOf[count]}
                      </option>
                    ))}
                  </select>
                </label>
              </div>
              <Counts
                purpose={purpose}
                regime={regime}
                days={Number(days)}
                titleOf={titleOf}
                choose={(chosen) => change({ regime: chosen })}
              />
              <Balance purpose={purpose} by={asked.by} choose={(by) => change({ by })} />
              <Extracts />
            </>
          );
        }}
      </Answer>
    </>
  );
}
