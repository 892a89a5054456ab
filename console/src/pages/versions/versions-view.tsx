/** The line of versions: what was in force when, by whom and why; any two compared; and the way back. */
import { Link } from 'wouter';
import { usePolicies } from '../../api/policy.js';
import { useMay } from '../../api/session.js';
import type { components } from '../../api/types.js';
import { MayNot } from '../../parts/may-not.js';
import { useQueryState } from '../../parts/query.js';
import { Said } from '../../parts/said.js';
import { visible } from '../../parts/visible.js';
import { Time } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import { VersionId, short } from '../../parts/version-id.js';
import { Compared } from './compared.js';
import { RollBack } from './roll-back.js';
import './versions.css';
import { VERSIONS } from './words.js';

type Policies = components['schemas']['Policies'];

/** Of each the service gives so many at once. */
const MOST = 200;
/** What stands in the address: ids of versions. */
const USUAL = { from: '', to: '', back: '' };

export function VersionsView() {
  const own = useWordsOf(VERSIONS);
  const policies = usePolicies();
  return (
    <>
      <h1>{own.title}</h1>
      {policies.error === null ? null : <Said error={policies.error} again={() => void policies.refetch()} />}
      {policies.data === undefined ? (
        policies.error === null && <Said busy />
      ) : (
        <Line policies={policies.data} />
      )}
    </>
  );
}

function Line({ policies: { current, versions, publications } }: { readonly policies: Policies }) {
  const own = useWordsOf(VERSIONS);
  const may = useMay('POST /v1/policies/drafts');
  const [asked, change] = useQueryState(USUAL);
  const [latest] = publications;
  // what the address names has its name in the choice, whether or not it is one of the last
  const ids = [
    ...new Set([...publications.map(({ version }) => version), asked.from, asked.to].filter(Boolean)),
  ];
  return (
    <>
      <section aria-labelledby="compare" className="compare">
        <h2 id="compare">{own.compare}</h2>
        <div className="bar">
          {(['from', 'to'] as const).map((side) => (
            <label key={side}>
              <span>{own[side]}</span>
              <select value={asked[side]} onChange={({ target }) => change({ [side]: target.value })}>
                <option value="">{own.none}</option>
                {ids.map((id) => (
                  <option key={id} value={id}>
                    {nameOf(id, publications)}
                  </option>
                ))}
              </select>
            </label>
          ))}
        </div>
        {asked.from === '' || asked.to === '' ? (
          <p className="quiet">{own.compareHint}</p>
        ) : (
          <Compared from={asked.from} to={asked.to} />
        )}
      </section>
      <h2 id="line">{own.line}</h2>
      {publications.length < MOST ? null : <p className="quiet">{own.last(MOST)}</p>}
      <ol className="line" aria-labelledby="line">
        {publications.map((publication, at) => {
          const { sequence, version, by, at: when, draft, approvals } = publication;
          const made = versions.find(({ id }) => id === version);
          const before = publications[at + 1];
          const isInForce = version === current && publication === latest;
          return (
            <li key={sequence} aria-current={isInForce ? 'true' : undefined}>
              <h3>
                {(made === undefined ? undefined : visible(made.message).split('\n', 1)[0]) ?? (
                  <VersionId id={version} />
                )}{' '}
                {isInForce ? <strong className="in-force">{own.inForce}</strong> : null}
              </h3>
              <p>
                {own.publication(sequence)}, <Time at={when} />, {own.publishedBy} <b>{visible(by)}</b>
                {draft === null ? ` (${own.first})` : null}
              </p>
              <p>
                {made === undefined || draft === null
                  ? null
                  : `${own.writtenBy} ${visible(made.authors.join(', '))}; `}
                {approvals.length > 0
                  ? `${own.approvedBy} ${visible(approvals.map((approval) => approval.by).join(', '))}`
                  : draft === null
                    ? null
                    : own.noApproval}
              </p>
              <p className="links">
                <VersionId id={version} />
                <Link href={`/matrix?version=${version}`}>{own.matrix}</Link>
                {draft === null ? null : <Link href={`/drafts/${draft}/decide`}>{own.draft}</Link>}
                {before === undefined || before.version === version ? null : (
                  <Link href={`/versions?from=${before.version}&to=${version}`}>{own.compareBefore}</Link>
                )}
                {version === current || !may.may || asked.back === version ? null : (
                  <Link href={`/versions?back=${version}`}>{own.rollBack}</Link>
                )}
              </p>
              {version === current || !may.may || asked.back !== version ? null : (
                <RollBack version={version} cancel={() => change({ back: '' })} />
              )}
            </li>
          );
        })}
      </ol>
      {may.may ? null : (
        <p className="quiet">
          <MayNot why={may.why} />
        </p>
      )}
    </>
  );
}

/** A version as people know it: by its last publication. */
function nameOf(id: string, publications: Policies['publications']): string {
  const sequence = publications.find(({ version }) => version === id)?.sequence;
  return sequence === undefined ? short(id) : `${sequence}: ${short(id)}`;
}
