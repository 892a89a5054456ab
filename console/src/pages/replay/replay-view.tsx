/** Why it was decided so: the decision of then, repeated, with what it rested on. Its address is the question. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { useVersion } from '../../api/policy.js';
import { useFragmentState } from '../../parts/query.js';
import { localOfTime, timeOfLocal } from '../../parts/local-time.js';
import { NoSuchTime } from '../../parts/no-such-time.js';
import { Said } from '../../parts/said.js';
import { ZONE } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import { Answer } from './answer.js';
import { type Question, USUAL } from './question.js';
import './replay.css';
import { REPLAY } from './words.js';

const ACTORS = ['automated', 'human'] as const;

export function ReplayView() {
  const own = useWordsOf(REPLAY);
  const [asked, change] = useFragmentState(USUAL);
  const { at, purpose, field, user, policy, revision } = asked;
  const isWhole = [purpose, field, user, at || (policy && revision)].every((part) => part !== '');
  return (
    <>
      <h1>{own.title}</h1>
      <p className="quiet hint">{own.hint}</p>
      <Ask key={JSON.stringify(asked)} asked={asked} ask={change} />
      {isWhole ? <Replayed key={`of ${JSON.stringify(asked)}`} question={asked} /> : null}
    </>
  );
}

type AskProps = { readonly asked: Question; readonly ask: (question: Partial<Question>) => void };

function Ask({ asked, ask }: AskProps) {
  const own = useWordsOf(REPLAY);
  const version = useVersion(asked.policy === '' ? 'current' : asked.policy);
  const [when, setWhen] = useState(() => localOfTime(asked.at));
  const [wanted, want] = useState(asked);
  const [isNoTime, setNoTime] = useState(false);
  const { purposes = [], fields = [] } = version.data?.document ?? {};
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        const at = when === '' ? '' : timeOfLocal(when);
        setNoTime(at === undefined);
        if (at === undefined) return;
        // a version and revision are of the question that was asked before
        ask(at === asked.at ? { ...wanted, at } : { ...wanted, at, policy: '', revision: '' });
      }}
    >
      <label>
        <span>{own.at(ZONE)}</span>
        <input
          type="datetime-local"
          step="0.001"
          required={asked.policy === ''}
          value={when}
          onChange={({ target }) => setWhen(target.value)}
        />
      </label>
      {(['purpose', 'field', 'user'] as const).map((name) => (
        <label key={name}>
          <span>{own[name]}</span>
          <input
            type="text"
            required
            list={name === 'user' ? undefined : `known-${name}`}
            value={wanted[name]}
            onChange={({ target }) => want({ ...wanted, [name]: target.value })}
          />
        </label>
      ))}
      <datalist id="known-purpose">
        {purposes.map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <datalist id="known-field">
        {fields.map(({ id }) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <label>
        <span>{own.actor}</span>
        <select value={wanted.actor} onChange={({ target }) => want({ ...wanted, actor: target.value })}>
          {(['', ...ACTORS] as const).map((actor) => (
            <option key={actor} value={actor}>
              {own.actors[actor]}
            </option>
          ))}
        </select>
      </label>
      <Button type="submit" className="primary">
        {own.ask}
      </Button>
      {isNoTime ? <NoSuchTime /> : null}
    </form>
  );
}

/** Of one question: what is now, is when it was asked. */
function Replayed({ question }: { readonly question: Question }) {
  const own = useWordsOf(REPLAY);
  const { at, policy, revision } = question;
  const [now] = useState(() => new Date().toISOString());
  const then = useReplay(question, at === '' ? { policy, revision } : { at });
  const today = useReplay(question, { at: now });
  if (then.data === undefined)
    return then.error === null ? (
      <Said busy />
    ) : (
      <Said error={then.error} again={() => void then.refetch()} />
    );
  return (
    <Answer question={question} then={then.data} now={today.data} nowAt={now}>
      {today.error === null ? null : (
        <>
          <p>{own.nowFailed}</p>
          <Said error={today.error} again={() => void today.refetch()} />
        </>
      )}
    </Answer>
  );
}

/** A decision repeated on what was in force and known at a moment. */
function useReplay(
  { purpose, field, user, actor }: Question,
  moment: { readonly at: string } | { readonly policy: string; readonly revision: string },
) {
  const known = ACTORS.find((one) => one === actor);
  return useQuery({
    queryKey: ['replay', purpose, field, user, actor, moment],
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      said(
        api.POST('/v1/decisions/replay', {
          body: {
            evaluation: {
              subject: { type: 'purpose', id: purpose },
              action: { name: 'read' },
              resource: { type: 'field', id: field, properties: { user } },
              ...(known === undefined ? {} : { context: { actor: known } }),
            },
            ...moment,
          },
          signal,
        }),
      ),
  });
}
