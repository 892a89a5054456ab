/** What somebody can do to the draft that they have read; and in words why not the rest. */
import { useId, useState } from 'react';
import { Button } from 'react-aria-components';
import { api, said } from '../../api/api.js';
import { type Check, type Draft, type Requirements, tagOf, useChange } from '../../api/drafts.js';
import { useMay, useMe } from '../../api/session.js';
import { timeOfLocal } from '../../parts/local-time.js';
import { MayNot } from '../../parts/may-not.js';
import { NoSuchTime } from '../../parts/no-such-time.js';
import { isSame } from '../../parts/people.js';
import { Names } from '../../parts/sentence.js';
import { Said } from '../../parts/said.js';
import { ZONE } from '../../parts/time.js';
import { useWordsOf } from '../../words/words.js';
import { DECIDE, type DecideWords } from './words.js';

export type Done = keyof DecideWords['done'];
type Props = {
  readonly draft: Draft;
  readonly check: Check;
  readonly isOutdated: boolean;
  readonly onDone: (done: Done) => void;
};

export function Actions(props: Props) {
  return (
    <div className="actions">
      <Approve {...props} />
      <Decline {...props} />
      {props.draft.status === 'scheduled' ? <Withdraw {...props} /> : <Publish {...props} />}
    </div>
  );
}

/** Whether it must be edited before anybody can approve or publish it. */
function mustBeEdited({ check, isOutdated }: Props): boolean {
  const { compiles, floor, requirements } = check;
  return (
    !compiles || isOutdated || floor?.holds !== true || (requirements?.notices_to_raise ?? []).length > 0
  );
}

function Approve(props: Props) {
  const own = useWordsOf(DECIDE);
  const me = useMe();
  const may = useMay('POST /v1/policies/drafts/{id}/approvals');
  const { draft, check, onDone } = props;
  const { id, authors, approvals } = draft;
  const approve = useChange(
    () =>
      said(
        api.POST('/v1/policies/drafts/{id}/approvals', {
          params: { path: { id }, header: { 'If-Match': tagOf(check.edit) } },
          body: { content: check.content },
        }),
      ),
    () => onDone('approved'),
  );
  const role = check.requirements?.role ?? null;
  const why = !may.may ? (
    <MayNot why={may.why} />
  ) : authors.some((author) => isSame(author, me.id)) ? (
    own.own
  ) : mustBeEdited(props) ? (
    own.first
  ) : approvals.some(({ by }) => isSame(by, me.id)) ? (
    own.approved
  ) : role !== null && !(me.roles ?? []).includes(role) ? (
    own.role(role)
  ) : undefined;
  return (
    <section aria-label={own.approve}>
      <h3>{own.approve}</h3>
      {approve.error === null ? null : <Said error={approve.error} />}
      {why === undefined ? (
        <Button className="primary" isPending={approve.isPending} onPress={() => approve.mutate(undefined)}>
          {own.approve}
        </Button>
      ) : (
        <p>{typeof why === 'string' ? <Names says={why} /> : why}</p>
      )}
    </section>
  );
}

function Decline({ draft, check, onDone }: Props) {
  const own = useWordsOf(DECIDE);
  const me = useMe();
  const may = useMay('POST /v1/policies/drafts/{id}/declines');
  const hint = useId();
  const [remark, setRemark] = useState('');
  const { id, authors, declines } = draft;
  const decline = useChange(
    () =>
      said(
        api.POST('/v1/policies/drafts/{id}/declines', {
          params: { path: { id }, header: { 'If-Match': tagOf(check.edit) } },
          body: { content: check.content, remark },
        }),
      ),
    () => {
      setRemark('');
      onDone('declined');
    },
  );
  const role = check.requirements?.role ?? null;
  const why = !may.may ? (
    <MayNot why={may.why} />
  ) : authors.some((author) => isSame(author, me.id)) ? (
    own.ownDecline
  ) : role !== null && !(me.roles ?? []).includes(role) ? (
    own.role(role)
  ) : undefined;
  const isDeclined = declines.some(({ by, stands }) => stands && isSame(by, me.id));
  return (
    <section aria-label={own.decline}>
      <h3>{own.decline}</h3>
      {isDeclined ? <p>{own.declined}</p> : null}
      {decline.error === null ? null : <Said error={decline.error} />}
      {why === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            decline.mutate(undefined);
          }}
        >
          <label>
            <span>{own.remark}</span>
            <textarea
              required
              maxLength={2_000}
              rows={3}
              value={remark}
              aria-describedby={hint}
              onChange={({ target }) => setRemark(target.value)}
            />
          </label>
          <p className="quiet" id={hint}>
            {own.declineHint}
          </p>
          <Button type="submit" isPending={decline.isPending}>
            {own.decline}
          </Button>
        </form>
      ) : (
        <p>{typeof why === 'string' ? <Names says={why} /> : why}</p>
      )}
    </section>
  );
}

/** The approvals that count when somebody publishes it; when somebody does who has not approved it, if unnamed. */
function givenTo(publisher: string | undefined, { approvals }: Draft, { role }: Requirements): number {
  return approvals.filter(
    ({ by, roles }) =>
      !(publisher !== undefined && isSame(by, publisher)) && (role === null || roles.includes(role)),
  ).length;
}

function Publish(props: Props) {
  const own = useWordsOf(DECIDE);
  const me = useMe();
  const may = useMay('POST /v1/policies/drafts/{id}/publication');
  const { draft, check, onDone } = props;
  const { id } = draft;
  const [isLater, setLater] = useState(false);
  const [time, setTime] = useState('');
  const [isNoTime, setNoTime] = useState(false);
  const requirements = check.requirements;
  const publish = useChange(
    (at: string | undefined) =>
      said(
        api.POST('/v1/policies/drafts/{id}/publication', {
          params: { path: { id }, header: { 'If-Match': tagOf(check.edit) } },
          body: {
            notices: requirements?.notices ?? {},
            ...(at === undefined ? {} : { publish_at: at }),
          },
        }),
      ),
    () => onDone(isLater ? 'scheduled' : 'published'),
  );
  const isMissing =
    requirements !== undefined && givenTo(me.id, draft, requirements) < requirements.approvals_needed;
  const isForOthers =
    requirements !== undefined && givenTo(undefined, draft, requirements) >= requirements.approvals_needed;
  const isMineAmong = draft.approvals.some(({ by }) => isSame(by, me.id));
  const why = !may.may ? (
    <MayNot why={may.why} />
  ) : requirements === undefined || mustBeEdited(props) || draft.declined > 0 ? (
    own.notYet
  ) : isMissing ? (
    isForOthers ? (
      own.byOthers
    ) : (
      own.notYet
    )
  ) : undefined;
  return (
    <section aria-label={own.publish}>
      <h3>{own.publish}</h3>
      {publish.error === null ? null : <Said error={publish.error} />}
      {why === undefined && requirements !== undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const at = isLater ? timeOfLocal(time) : undefined;
            // without its time it would be published now
            setNoTime(isLater && at === undefined);
            if (!isLater || at !== undefined) publish.mutate(at);
          }}
        >
          {Object.entries(requirements.notices).map(([purpose, notice]) => (
            <label key={purpose} className="check">
              <input type="checkbox" required /> <Names says={own.notice(purpose, notice)} />
            </label>
          ))}
          <fieldset>
            <legend>{own.when}</legend>
            <label className="check">
              <input type="radio" name="when" checked={!isLater} onChange={() => setLater(false)} /> {own.now}
            </label>
            <label className="check">
              <input type="radio" name="when" checked={isLater} onChange={() => setLater(true)} /> {own.later}
            </label>
          </fieldset>
          {isLater ? (
            <label>
              <span>{own.time(ZONE)}</span>
              <input
                type="datetime-local"
                required
                value={time}
                onChange={({ target }) => setTime(target.value)}
              />
            </label>
          ) : null}
          {isNoTime && isLater ? <NoSuchTime /> : null}
          <Button type="submit" className="primary" isPending={publish.isPending}>
            {isLater ? own.publishLater : own.publishNow}
          </Button>
        </form>
      ) : (
        <p>{why}</p>
      )}
      {isMissing && isMineAmong ? <p>{own.withoutYours}</p> : null}
    </section>
  );
}

function Withdraw({ draft: { id }, check, onDone }: Props) {
  const own = useWordsOf(DECIDE);
  const may = useMay('DELETE /v1/policies/drafts/{id}/publication');
  const withdraw = useChange(
    () =>
      said(
        api.DELETE('/v1/policies/drafts/{id}/publication', {
          params: { path: { id }, header: { 'If-Match': tagOf(check.edit) } },
        }),
      ),
    () => onDone('withdrawn'),
  );
  return (
    <section aria-label={own.publish}>
      <h3>{own.publish}</h3>
      {withdraw.error === null ? null : <Said error={withdraw.error} />}
      {may.may ? (
        <Button isPending={withdraw.isPending} onPress={() => withdraw.mutate(undefined)}>
          {own.withdraw}
        </Button>
      ) : (
        <p>
          <MayNot why={may.why} />
        </p>
      )}
    </section>
  );
}
