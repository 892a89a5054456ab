/** The settings: every purpose as it stands, why, and the answer to it. */
import type { Group, Purpose } from './answers.js';
import { ALL, answerTo, closedByNo, isAnswerable, keyOfGroup, levelOf, noToAll } from './changes.js';
import { usePage } from './page.js';
import { Answer, DataList, HoldsFor, Result, State, answerText, yesOrNo } from './parts.js';
import { dayText, listText, sinceText } from './times.js';
import { Told } from './told.js';
import { type Branch, treeOf } from './tree.js';
import type { Words } from './words/words.js';

export function SettingsView() {
  const { words, settings, drawn } = usePage();
  const { purposes, visibility, regime_title: law, known } = settings;
  const closedBySignal = purposes.filter(({ because }) => because === 'signal').length;
  return (
    <>
      {known ? <p class="quiet">{words.law(law)}</p> : null}
      {settings.signals.length > 0 ? (
        <p class="notice" id="gpc">
          {words.gpc(closedBySignal)}
        </p>
      ) : null}
      <RefuseAll />
      <ul class="cards">
        {treeOf(purposes.slice(0, drawn)).map((branch) => (
          <PurposeItem key={branch.purpose.id} branch={branch} />
        ))}
      </ul>
      {visibility.length === 0 || drawn < purposes.length ? null : (
        <>
          <h2>{words.visibility}</h2>
          <ul class="cards">
            {visibility.map((group) => (
              <GroupItem key={group.id} group={group} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function RefuseAll() {
  const { words, settings, outcomes, make } = usePage();
  const outcome = outcomes.get(ALL);
  const saving = outcome?.kind === 'saving';
  return (
    <div class="all">
      <button
        type="button"
        class="choice"
        part="choice"
        id="refuse-all"
        aria-describedby="refuse-all-what"
        aria-disabled={saving}
        onClick={() => !saving && void make(noToAll(settings, settings.language))}
      >
        {words.refuseAll}
      </button>
      <span id="refuse-all-what">{words.refuseAllWhat(closedByNo(settings).length)}</span>
      <Result
        outcome={outcome}
        answer={() => words.refuseAll}
        done={(time, said) => (said === 'denied' ? words.allOffSince(time) : words.undone(time))}
      />
    </div>
  );
}

function PurposeItem({ branch: { purpose, parts } }: { readonly branch: Branch }) {
  const { words, lang } = usePage();
  const { id, title, description, on, why, set_at: setAt, until, data } = purpose;
  return (
    <li class="purpose" part="purpose">
      <div class="head">
        <h3 tabIndex={-1} id={`purpose-${id}`}>
          <Told of={purpose} member="title" text={title} />
        </h3>
        <State on={on} />
      </div>
      <p dir="auto">
        <Told of={purpose} member="description" text={description} />
      </p>
      <p class="quiet">
        <span dir="auto">
          <Told of={purpose} member="why" text={why} />
        </span>{' '}
        {setAt === null ? null : <span class="since">{words.setAt(sinceText(setAt, lang))}</span>}{' '}
        {until === null ? null : words.endsOn(dayText(until, lang))}
      </p>
      <DataList data={data} />
      {isAnswerable(purpose) ? <PurposeAnswer purpose={purpose} /> : null}
      {parts.length === 0 ? null : (
        <ul class="parts">
          {parts.map((part) => (
            <PurposeItem key={part.purpose.id} branch={part} />
          ))}
        </ul>
      )}
    </li>
  );
}

/** The words for a confirmed answer to a purpose, as it stands now. */
export function doneText(words: Words, { on, choice }: Purpose, time: string): string {
  if (on) return words.onSince(time);
  return choice === 'granted' ? words.recordedAndOff(time) : words.offSince(time);
}

function PurposeAnswer({ purpose }: { readonly purpose: Purpose }) {
  const { words, lang, settings, outcomes, make, go } = usePage();
  const { id, title, choice, because, also_closes: closes, also_opens: opens, needs } = purpose;
  const outcome = outcomes.get(id);
  const titleOf = (wanted: string) => settings.purposes.find((one) => one.id === wanted)?.title ?? wanted;
  const what = `what-${id}`;
  return (
    <>
      <div class="what" id={what}>
        <p>
          {words.ifRefused}{' '}
          {closes.length === 0 ? null : words.alsoCloses(listText(closes.map(titleOf), lang))}
        </p>
        <p>
          {words.ifAllowed}{' '}
          {needs.length === 0 ? null : words.staysOffUntil(listText(needs.map(titleOf), lang))}{' '}
          {opens.length === 0 ? null : words.alsoOpens(listText(opens.map(titleOf), lang))}{' '}
          <HoldsFor of={purpose} /> {because === 'signal' ? words.againstSignal : null}
        </p>
      </div>
      <Answer
        options={yesOrNo(words)}
        given={choice}
        named={words.question(title)}
        describedBy={what}
        saving={outcome?.kind === 'saving'}
        onAnswer={(said) =>
          void make(answerTo(purpose, said === 'granted' ? 'granted' : 'denied', settings, settings.language))
        }
      />
      {needs.map((need) => (
        <button type="button" class="plain" key={need} onClick={() => go('settings', need)}>
          {words.governedBy(titleOf(need))}
        </button>
      ))}
      <Result
        outcome={outcome}
        answer={(said) => answerText(words, said)}
        done={(time) => doneText(words, purpose, time)}
      />
    </>
  );
}

function GroupItem({ group }: { readonly group: Group }) {
  const { words, settings, outcomes, make } = usePage();
  const { id, title, description, level, levels } = group;
  const outcome = outcomes.get(keyOfGroup(id));
  const titleOf = (wanted: string) => levels.find((one) => one.id === wanted)?.title ?? wanted;
  return (
    <li class="purpose" part="purpose">
      <div class="head">
        <h3>{title}</h3>
      </div>
      {description === null ? null : <p>{description}</p>}
      <Answer
        options={levels}
        given={level}
        named={words.question(title)}
        saving={outcome?.kind === 'saving'}
        onAnswer={(wanted) => void make(levelOf(group, wanted, settings))}
      />
      <Result outcome={outcome} answer={titleOf} done={(time) => words.levelSince(titleOf(level), time)} />
    </li>
  );
}
