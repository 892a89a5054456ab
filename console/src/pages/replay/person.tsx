/** What was known of the person whose data was asked for, and how it came to be. */
import { Names } from '../../parts/sentence.js';
import { Time } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import type { Replayed } from './question.js';
import { REPLAY } from './words.js';

type Because = Replayed['because'];
type Words = (typeof REPLAY)['en'];

export function Person({ because: { user, events } }: { readonly because: Because }) {
  const own = useWordsOf(REPLAY);
  const choices = Object.entries(user.choices);
  const levels = Object.entries(user.visibility);
  if (!user.registered && events.length === 0) return <p>{own.unknown}</p>;
  return (
    <>
      <dl className="facts">
        <dt>{own.region}</dt>
        <dd>{user.region ?? own.notKnown}</dd>
        <dt>{own.regime}</dt>
        <dd>
          <code>{user.regime}</code>
        </dd>
        <dt>{own.age}</dt>
        <dd>{user.age_band}</dd>
        <dt>{own.signals}</dt>
        <dd>{user.signals.join(', ') || own.noSignals}</dd>
        {levels.length === 0 ? null : (
          <>
            <dt>{own.visibility}</dt>
            <dd>{levels.map(([group, level]) => `${group}: ${level}`).join(', ')}</dd>
          </>
        )}
      </dl>
      <h3>{own.choices}</h3>
      {choices.length === 0 ? (
        <p>{own.noChoices}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{own.purpose}</th>
              <th scope="col">{own.answer}</th>
              <th scope="col">{own.notice}</th>
              <th scope="col">{own.signal}</th>
            </tr>
          </thead>
          <tbody>
            {choices.map(([purpose, { choice, notice, signal }]) => (
              <tr key={purpose}>
                <th scope="row">
                  <code>{purpose}</code>
                </th>
                <td>{own.answered[choice]}</td>
                <td>{notice}</td>
                <td>{signal ? own.yes : own.no}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <h3>{own.events}</h3>
      {events.length === 0 ? <p>{own.noEvents}</p> : null}
      <ol className="events">
        {events.map(({ revision, at, by, change }) => (
          <li key={revision}>
            <Time at={at} /> <Names says={sentenceOf(change, own)} />, {own.by} {own.kinds[by.kind]}
            {by.kind === 'engine' ? null : (
              <>
                {' '}
                <code>{by.id}</code>
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function sentenceOf(change: Because['events'][number]['change'], own: Words): string {
  switch (change.kind) {
    case 'profile':
      return own.profile(change.region, change.age_band);
    case 'choice':
      return own.choice[change.choice](change.purpose);
    case 'signal':
      return own.sent(change.signal, change.withdrawn);
    case 'visibility':
      return own.level(change.group, change.level);
  }
}
