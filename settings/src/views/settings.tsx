/** The settings: every purpose as it stands, why, and the answer to it. */
import { type Group, type Purpose, titledIn } from '../service/answers.js';
import {
  ALL,
  RENEWED,
  answerTo,
  closedByNo,
  isAnswerable,
  keyOfGroup,
  levelOf,
  noToAll,
} from '../changes/changes.js';
import { usePage } from '../page.js';
import { Answer, DataList, LeadsTo, Result, State, answerText, yesOrNo } from '../parts.js';
import { dayText, sinceText } from '../texts/times.js';
import { Sentence } from '../texts/sentence.js';
import { Told } from '../texts/told.js';
import { type Branch, treeOf } from './tree.js';
import type { Words } from '../words/words.js';

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
        answer={(said) => (said === 'denied' ? words.refuseAll : words.undo)}
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
      <p>
        <Told of={purpose} member="description" text={description} />
      </p>
      <p class="quiet">
        <Told of={purpose} member="why" text={why} />{' '}
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
export function doneText(words: Words, { on, choice }: Purpose, time: string, said: string): string {
  if (on) return said === RENEWED ? words.recordedAndOn(time) : words.onSince(time);
  return choice === 'granted' ? words.recordedAndOff(time) : words.offSince(time);
}

function PurposeAnswer({ purpose }: { readonly purpose: Purpose }) {
  const { words, settings, outcomes, make, go } = usePage();
  const { id, title, choice, because, needs } = purpose;
  const outcome = outcomes.get(id);
  const what = `what-${id}`;
  return (
    <>
      <div class="what" id={what}>
        <LeadsTo
          closes={purpose.also_closes}
          opens={purpose.also_opens}
          needs={needs}
          notice={purpose.notice}
          besides={because === 'signal' ? words.againstSignal : null}
        />
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
          <Sentence
            titled={titledIn(settings, [need])}
            make={(places) => words.governedBy(places.join(''))}
          />
        </button>
      ))}
      <Result
        outcome={outcome}
        answer={(said) => answerText(words, said)}
        done={(time, said) => doneText(words, purpose, time, said)}
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
