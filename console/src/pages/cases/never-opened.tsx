/** What can not be opened by any case, in words: what always holds, and what the policy in force says. */
import { CATEGORIES, type PolicyDocument } from '../../../../src/decision/policy.js';
import type { Reason } from '../../../../src/decision/reasons.js';
import { MayNot } from '../../parts/may-not.js';
import { Said } from '../../parts/said.js';
import { Names } from '../../parts/sentence.js';
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { CASE_PURPOSES } from './case.js';
import { type Closed, type LawOfCases, useLawOfCases } from './use-law-of-cases.js';
import { CASES } from './words.js';

/** @param purpose of one case; absent: all */
export function NeverOpened({ purpose }: { readonly purpose?: string }) {
  const own = useWordsOf(CASES).never;
  const { may, law, error, again } = useLawOfCases();
  return (
    <section className="never" aria-labelledby="never">
      <h2 id="never">{own.title}</h2>
      <ul className="sentences">
        {own.always.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {!may.may ? (
        <p>
          <MayNot why={may.why} says={own.mayNot} />
        </p>
      ) : error !== null ? (
        <Said error={error} again={again} />
      ) : law === undefined ? (
        <Said busy />
      ) : (
        <ByPolicy law={law} purpose={purpose} />
      )}
    </section>
  );
}

function ByPolicy({ law, purpose }: { readonly law: LawOfCases; readonly purpose: string | undefined }) {
  const own = useWordsOf(CASES).never;
  const { document, closed } = law;
  const others = document.purposes.filter(({ id }) => !closed.has(id));
  const mayReadMessages = document.floor.private_message;
  const never = others.filter(({ id }) => mayReadMessages?.includes(id) === false);
  return (
    <>
      {CATEGORIES.map((category) => {
        const only = document.floor[category];
        if (only === undefined) return null;
        return (
          <p key={category}>
            <span data-status="floor" aria-hidden="true">
              ■
            </span>{' '}
            {own.floorOf(category)} <Ids ids={only} />.
          </p>
        );
      })}
      <details>
        <summary>
          {own.purposes(others.length)}. {never.length === 0 ? '' : own.neverPrivate(never.length)}
        </summary>
        <p>
          <Ids ids={others.map(({ id }) => id)} />
        </p>
      </details>
      <div className="purposes">
        {[...closed]
          .filter(([id]) => purpose === undefined || id === purpose)
          .map(([id, fields]) => (
            <OfPurpose key={id} document={document} id={id} closed={fields} />
          ))}
      </div>
      <p className="quiet">{own.level}</p>
    </>
  );
}

type OfPurposeProps = { readonly document: PolicyDocument; readonly id: string; readonly closed: Closed };

function OfPurpose({ document, id, closed }: OfPurposeProps) {
  const own = useWordsOf(CASES).never;
  const language = useLanguage();
  const purpose = document.purposes.find((one) => one.id === id);
  const shut = document.regimes.filter((regime) => (purpose?.settings[regime.id] ?? 'never') === 'never');
  const isOffered = CASE_PURPOSES.some((one) => one === id);
  const byReason = new Map<Reason, string[]>();
  for (const [field, reason] of closed) byReason.set(reason, [...(byReason.get(reason) ?? []), field]);
  return (
    <section aria-label={id}>
      <h3>
        <code>{id}</code>
      </h3>
      <p>
        {own.demands}: {(purpose?.conditions ?? []).map((one) => own.conditions[one]).join(', ')}.
      </p>
      {isOffered ? (
        <p>{own.opens(document.fields.length - closed.size, document.fields.length)}</p>
      ) : (
        <p>{own.unoffered}</p>
      )}
      {shut.length === 0 ? null : (
        <p>
          {own.lawNever}:{' '}
          {shut.map((regime) => regime.translations?.[language]?.title ?? regime.title).join(', ')}.
        </p>
      )}
      {byReason.size === 0 ? (
        <p>{own.all}</p>
      ) : (
        <>
          <p>{own.closed}</p>
          <ul className="sentences">
            {[...byReason].map(([reason, fields]) => (
              <li key={reason}>
                <Ids ids={fields} />: <Names says={`${sentenceOf(reason, language)}.`} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Ids({ ids }: { readonly ids: readonly string[] }) {
  return ids.map((id, place) => (
    <span key={id}>
      {place === 0 ? '' : ', '}
      <code>{id}</code>
    </span>
  ));
}
