/** The end of the consent log, and whether all of it is as it was written. */
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { Answer } from '../../parts/answer.js';
import { Copy } from '../../parts/copy.js';
import { Count } from '../../parts/listing.js';
import { Said } from '../../parts/said.js';
import { Time } from '../../parts/time.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { type Verification, useVerification } from './use-verification.js';
import { PROOF } from './words.js';

export function Log() {
  const own = useWordsOf(PROOF).log;
  const heading = useId();
  const { state, begin, stop } = useVerification();
  const end = useQuery({
    queryKey: ['log'],
    queryFn: ({ signal }) => said(api.GET('/v1/log', { signal })),
  });
  return (
    <section className="listing" aria-labelledby={heading}>
      <h2 id={heading}>{own.title}</h2>
      <p className="quiet">{own.about}</p>
      <Answer query={end}>
        {({ revision, hash }) => (
          <>
            <dl className="facts">
              <dt>{own.revision}</dt>
              <dd>
                <Count of={revision} />
              </dd>
              <dt>{own.hash}</dt>
              <dd>
                <code>{hash}</code>
              </dd>
            </dl>
            <div className="foot">
              <Copy label={own.copy} text={() => `${revision} ${hash}`} />
            </div>
          </>
        )}
      </Answer>
      <div className="foot">
        {state?.kind === 'running' ? (
          <Button onPress={stop}>{own.stop}</Button>
        ) : (
          <Button className="button primary" onPress={begin}>
            {own.verify}
          </Button>
        )}
      </div>
      {state === undefined ? null : <Found state={state} />}
      <p className="quiet">
        {own.record} <code>npm run -s record -- verify</code>
      </p>
    </section>
  );
}

function Found({ state }: { readonly state: Verification }) {
  const own = useWordsOf(PROOF).log;
  const language = useLanguage();
  switch (state.kind) {
    case 'running': {
      const { verified, of } = state;
      return (
        <div>
          <progress aria-label={own.progress} {...(of === undefined ? {} : { value: verified, max: of })} />
          <p role="status">
            {of === undefined
              ? own.beginning
              : own.running(verified.toLocaleString(language), of.toLocaleString(language))}
          </p>
        </div>
      );
    }
    case 'intact':
      return (
        <div role="status" className="verdict" data-tone="open">
          <p>{own.intact(state.revision.toLocaleString(language))}</p>
          <p>
            <code>{state.hash}</code>
          </p>
          <p>
            {own.at} <Time at={state.at} />
          </p>
        </div>
      );
    case 'broken':
      return (
        <div role="alert" className="verdict" data-tone="floor">
          <p>{own.broken(state.revision.toLocaleString(language))}</p>
          <p lang="en" dir="ltr">
            {state.because}
          </p>
          <p>
            {own.at} <Time at={state.at} />
          </p>
        </div>
      );
    case 'cut':
      return (
        <p role="alert" className="verdict" data-tone="user">
          {own.cut}
        </p>
      );
    case 'stopped':
      return <p role="status">{own.stopped}</p>;
    case 'refused':
      return <Said error={state.error} />;
  }
}
