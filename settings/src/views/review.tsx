/** What somebody is asked, and how it differs from what they agreed to. */
import { type Prompt, isNotice, isPrompts } from '../service/answers.js';
import { answerTo } from '../changes/changes.js';
import { type Piece, differenceOf } from '../texts/difference.js';
import { usePage } from '../page.js';
import { Answer, DataList, Failed, LeadsTo, Result, answerText, yesOrNo } from '../parts.js';
import { useReading } from './reading.js';
import { doneText } from './settings.js';
import { dayText, listText } from '../texts/times.js';
import { Sentence } from '../texts/sentence.js';
import { Told } from '../texts/told.js';

export function ReviewView() {
  const { words, lang, settings } = usePage();
  const { reading, again } = useReading(
    { path: '/v1/users/me/prompts', shape: isPrompts },
    settings.policy + settings.language,
  );
  return (
    <>
      {reading.kind === 'failed' ? <Failed failure={reading.failure} again={again} /> : null}
      {reading.kind === 'read' ? (
        <>
          {reading.value.prompts.length === 0 ? <p>{words.reviewNothing}</p> : null}
          <ul class="cards">
            {reading.value.prompts.map((prompt) => (
              <PromptItem key={prompt.purpose} prompt={prompt} />
            ))}
          </ul>
          {reading.value.not_before.length === 0 ? null : (
            <>
              <h2 class="second">{words.notBefore}</h2>
              <ul class="plainly">
                {reading.value.not_before.map((one) => (
                  <li key={one.purpose}>
                    <Sentence
                      titled={[one]}
                      make={(places) => words.notBeforeWhen(places.join(''), dayText(one.from, lang))}
                    />
                  </li>
                ))}
              </ul>
            </>
          )}
        </>
      ) : null}
    </>
  );
}

function PromptItem({ prompt }: { readonly prompt: Prompt }) {
  const { words, settings, outcomes, make } = usePage();
  const { purpose: id, title, description, needs, data } = prompt;
  const setting = settings.purposes.find((one) => one.id === id);
  const outcome = outcomes.get(id);
  // once it is answered, why it was asked no longer holds
  const asked = outcome?.kind === 'done' && setting !== undefined ? setting : prompt;
  const accepted = prompt.because === 'notice' ? (setting?.notice.accepted ?? null) : null;
  const what = `asked-${id}`;
  return (
    <li class="purpose" part="purpose">
      <div class="head">
        <h3>
          <Told of={prompt} member="title" text={title} />
        </h3>
      </div>
      <p class="quiet">
        <Told of={asked} member="why" text={asked.why} />
      </p>
      {accepted === null ? (
        <p>
          <Told of={prompt} member="description" text={description} />
        </p>
      ) : (
        <Compared prompt={prompt} accepted={accepted} language={settings.language} />
      )}
      <DataList data={data} />
      <div class="what" id={what}>
        <LeadsTo
          closes={setting?.also_closes ?? []}
          opens={setting?.also_opens ?? []}
          needs={needs}
          notice={prompt.notice}
        />
      </div>
      <Answer
        options={yesOrNo(words)}
        // nothing is ticked before it was answered here, whatever was said of the text before
        given={outcome?.kind === 'done' ? (setting?.choice ?? null) : null}
        named={words.question(title)}
        describedBy={what}
        saving={outcome?.kind === 'saving'}
        onAnswer={(said) =>
          void make(
            answerTo(
              { id, notice: prompt.notice },
              said === 'granted' ? 'granted' : 'denied',
              settings,
              settings.language,
            ),
          )
        }
      />
      {setting === undefined ? null : (
        <Result
          outcome={outcome}
          answer={(said) => answerText(words, said)}
          done={(time, said) => doneText(words, setting, time, said)}
        />
      )}
    </li>
  );
}

/** The agreed text beside today's, with the words that changed marked in both. */
function Compared({
  prompt,
  accepted,
  language,
}: {
  readonly prompt: Prompt;
  readonly accepted: number;
  readonly language: string;
}) {
  const { words, lang } = usePage();
  const { purpose, description, data } = prompt;
  const { reading } = useReading(
    {
      path: `/v1/notices/${encodeURIComponent(purpose)}?version=${accepted}&language=${encodeURIComponent(language)}`,
      shape: isNotice,
    },
    '',
  );
  const dataOf = (of: Prompt['data']) =>
    listText(
      of.flatMap(({ fields }) => fields.map((field) => field.title)),
      lang,
    );
  if (reading.kind !== 'read')
    return (
      <>
        <p>
          <Told of={prompt} member="description" text={description} />
        </p>
        {reading.kind === 'failed' ? <p class="quiet">{words.agreedUnknown}</p> : null}
      </>
    );
  const { value: agreed } = reading;
  // in two languages, no word is the same
  const of = prompt.lang?.['description'] ?? language;
  const isOneLanguage = of === (agreed.lang?.['description'] ?? language);
  const texts = isOneLanguage ? differenceOf(agreed.description, description, of) : undefined;
  const isSameData = dataOf(agreed.data) === dataOf(data);
  const fields = differenceOf(dataOf(agreed.data), dataOf(data), language);
  return (
    <>
      <div class="beside">
        <div>
          <h4>{words.agreed}</h4>
          <p>
            <Told of={agreed} member="description">
              {marked(texts, 'gone') ?? agreed.description}
            </Told>
          </p>
          {isSameData ? null : (
            <p class="quiet">
              <Told of={{}} member="data">
                {marked(fields, 'gone') ?? dataOf(agreed.data)}
              </Told>
            </p>
          )}
        </div>
        <div>
          <h4>{words.today}</h4>
          <p>
            <Told of={prompt} member="description">
              {marked(texts, 'new') ?? description}
            </Told>
          </p>
          {isSameData ? null : (
            <p class="quiet">
              <Told of={{}} member="data">
                {marked(fields, 'new') ?? dataOf(data)}
              </Told>
            </p>
          )}
        </div>
      </div>
      <p class="quiet small">{words.changedWords}</p>
    </>
  );
}

/** One of the two texts, with its own words marked. */
function marked(pieces: readonly Piece[] | undefined, own: 'gone' | 'new') {
  return pieces
    ?.filter(({ kind }) => kind === 'same' || kind === own)
    .map(({ kind, text }, place) =>
      kind === 'same' ? text : own === 'gone' ? <del key={place}>{text}</del> : <ins key={place}>{text}</ins>,
    );
}
