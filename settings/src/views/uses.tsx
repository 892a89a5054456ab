/** Who used somebody's data, by day and by service, refusals too. */
import { useEffect, useState } from 'preact/hooks';
import { type Use, type Uses, isUses } from '../service/answers.js';
import type { Failure } from '../service/exchange.js';
import { usePage } from '../page.js';
import { Failed } from '../parts.js';
import { listText, minuteText, utcDayText } from '../texts/times.js';
import { Sentence } from '../texts/sentence.js';
import { Told } from '../texts/told.js';

const PAGE = 50;

export function UsesView() {
  const { words, lang, exchange } = usePage();
  const [pages, setPages] = useState<readonly Uses[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [isReading, setReading] = useState(true);
  const last = pages.at(-1);
  const read = async (cursor: string | undefined) => {
    setReading(true);
    setFailure(undefined);
    const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await exchange.ask({ path: `/v1/users/me/uses?limit=${PAGE}${next}`, shape: isUses });
    setReading(false);
    if (!answer.ok) return setFailure(answer.failure);
    setPages((known) => (cursor === undefined ? [answer.value] : [...known, answer.value]));
  };
  useEffect(() => {
    void read(undefined);
  }, [exchange]);

  const uses = pages.flatMap((page) => page.uses);
  const days = Map.groupBy(uses, ({ day }) => day);
  const first = pages[0];
  return (
    <>
      {first?.complete_until === null || first === undefined ? null : (
        <p class="quiet">{words.completeUntil(minuteText(first.complete_until, lang))}</p>
      )}
      {first !== undefined && uses.length === 0 ? <p class="empty">{words.usesNothing}</p> : null}
      {[...days].map(([day, ofDay]) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <h3 class="day" id={`day-${day}`}>
            {utcDayText(day, lang)}
          </h3>
          <ul class="cards">
            {[...Map.groupBy(ofDay, ({ client }) => client)].map(([client, ofClient]) => (
              <li key={client}>
                <h4>{client}</h4>
                {ofClient[0]?.client_does ? (
                  <p class="quiet" dir="auto">
                    {ofClient[0].client_does}
                  </p>
                ) : null}
                <ul class="lines">
                  {ofClient.map((use, place) => (
                    <UseItem key={place} use={use} />
                  ))}
                </ul>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {failure === undefined ? null : <Failed failure={failure} again={() => void read(last?.next)} />}
      {last?.next === undefined || failure !== undefined ? null : (
        <button
          type="button"
          class="choice more"
          aria-disabled={isReading}
          onClick={() => !isReading && void read(last.next)}
        >
          {words.earlier}
        </button>
      )}
      {first === undefined || first.lookups.length === 0 ? null : (
        <>
          <h2 class="second">{words.lookups}</h2>
          <ul class="plainly">
            {first.lookups.map(({ at, role_title: role, reason }) => (
              <li key={at}>
                <span class="quiet">{minuteText(at, lang)}</span> {role}: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function UseItem({ use }: { readonly use: Use }) {
  const { words, lang, go } = usePage();
  const { purpose, data, permitted, why, times, case: id, review, setting } = use;
  return (
    <li class="line">
      <div class="head">
        <span>
          <Told of={purpose} member="title" text={purpose.title} />
        </span>
        <span class={permitted ? 'state on' : 'state'}>{permitted ? words.permitted : words.refused}</span>
      </div>
      <p class="quiet">
        {listText(
          data.map(({ title }) => title),
          lang,
        )}
        {' · '}
        {words.times(times)}
      </p>
      {permitted ? null : (
        <p class="quiet reason">
          <Told of={use} member="why" text={why} />
        </p>
      )}
      {id === null ? null : (
        <p class="quiet">
          {words.underCase(id)}. {review === null ? null : words.reviewed(review.role_title, review.items)}
        </p>
      )}
      {setting === null ? null : (
        <button type="button" class="plain" onClick={() => go('settings', purpose.id)}>
          <Sentence titled={[purpose]} make={(places) => words.governedBy(places.join(''))} />
        </button>
      )}
    </li>
  );
}
