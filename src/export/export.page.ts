/**
 * Everything that is held about a user, as a page that a person can read, print and keep. It loads nothing and runs
 * nothing.
 */
import type { AgeBand, ChangedBy, Choice, ChoiceOrNone, Signal, Way } from '../decision/consent-event.js';
import { matching } from '../http/headers/accept-language.js';
import { escaped, pageHeaders } from '../http/page-headers.js';
import type { ExportForm, ExportHead, ExportedEvent, ExportedUse } from './export.view.js';

/** The texts of the page itself. */
type Captions = {
  readonly title: string;
  readonly exported: string;
  readonly you: string;
  readonly id: string;
  readonly region: string;
  readonly law: string;
  readonly age: string;
  readonly signals: string;
  readonly none: string;
  readonly settings: string;
  readonly on: string;
  readonly off: string;
  readonly opens: string;
  readonly history: string;
  readonly when: string;
  readonly what: string;
  readonly by: string;
  readonly notice: string;
  readonly policy: string;
  readonly uses: string;
  /** Of uses, before the time until when they are complete. */
  readonly complete: string;
  readonly day: string;
  readonly service: string;
  readonly purpose: string;
  readonly outcome: string;
  readonly permitted: string;
  readonly times: string;
  readonly extracts: string;
  readonly taken: string;
  readonly mayNot: string;
  readonly leftOut: string;
  /** Heads what services registered for the consent balance. */
  readonly attributes: string;
  readonly lookups: string;
  readonly why: string;
  /** Of a region. */
  readonly unknown: string;
  readonly ages: Readonly<Record<AgeBand, string>>;
  readonly choices: Readonly<Record<ChoiceOrNone, string>>;
  /** Of a choice, what a signal had to do with it. */
  readonly bySignal: Readonly<Record<Choice, string>>;
  /** Of a signal. */
  readonly withdrawn: string;
  readonly until: string;
  readonly adultFrom: string;
  readonly visibility: string;
  /** Before a level that was set. */
  readonly visibleTo: string;
  readonly said: string;
  readonly language: string;
  readonly callers: Readonly<Record<ChangedBy['kind'], string>>;
  readonly ways: Readonly<Record<Way, string>>;
};

const SIGNAL_NAMES: Readonly<Record<Signal, string>> = { gpc: 'Global Privacy Control' };

const ENGLISH: Captions = {
  title: 'What is held about you',
  exported: 'Exported',
  you: 'You',
  id: 'Id',
  region: 'Where you live',
  law: 'The law you live under',
  age: 'Age band',
  signals: 'Signals',
  none: 'none',
  settings: 'What your data is used for',
  on: 'On',
  off: 'Off',
  opens: 'Data',
  history: 'Everything that was ever said',
  when: 'When (UTC)',
  what: 'What',
  by: 'By',
  notice: 'Notice',
  policy: 'Policy',
  uses: 'Who used your data',
  complete: 'Complete until (UTC)',
  day: 'Day (UTC)',
  service: 'Service',
  purpose: 'For what',
  outcome: 'Result',
  permitted: 'permitted',
  times: 'How often',
  extracts: 'What was taken for training and other collections',
  taken: 'Taken',
  mayNot: 'May no longer be used',
  leftOut: 'Left out',
  attributes: 'Registered by services for a report on who agreed, and for nothing else',
  lookups: 'Who of the staff looked into these uses',
  why: 'Why',
  unknown: 'unknown',
  ages: { adult: 'adult', minor: 'minor', unknown: 'unknown' },
  choices: { granted: 'granted', denied: 'denied', none: 'nothing said any more' },
  withdrawn: 'taken back',
  bySignal: { granted: 'although a signal stood against it', denied: 'by a signal' },
  until: 'until',
  adultFrom: 'adult from',
  visibility: 'Who may see it',
  visibleTo: 'who may see it',
  said: 'said',
  language: 'in the language',
  callers: { user: 'you', service: 'the service', engine: 'Assent' },
  ways: {
    settings: 'settings',
    gpc: 'signal of the browser',
    tcf: 'TCF string',
    import: 'import from an earlier system',
    expiry: 'a grant that ended',
    lapse: 'lapsed',
    birthday: 'coming of age',
  },
};

const GERMAN: Captions = {
  title: 'Was über Sie gespeichert ist',
  exported: 'Erstellt',
  you: 'Sie',
  id: 'Kennung',
  region: 'Wo Sie leben',
  law: 'Das Recht, das für Sie gilt',
  age: 'Altersgruppe',
  signals: 'Signale',
  none: 'keine',
  settings: 'Wofür Ihre Daten verwendet werden',
  on: 'Ein',
  off: 'Aus',
  opens: 'Daten',
  history: 'Alles, was je gesagt wurde',
  when: 'Wann (UTC)',
  what: 'Was',
  by: 'Durch',
  notice: 'Hinweis',
  policy: 'Richtlinie',
  uses: 'Wer Ihre Daten verwendet hat',
  complete: 'Vollständig bis (UTC)',
  day: 'Tag (UTC)',
  service: 'Dienst',
  purpose: 'Wofür',
  outcome: 'Ergebnis',
  permitted: 'erlaubt',
  times: 'Wie oft',
  extracts: 'Was für Training und andere Sammlungen entnommen wurde',
  taken: 'Entnommen',
  mayNot: 'Darf nicht mehr verwendet werden',
  leftOut: 'Weggelassen',
  attributes: 'Von Diensten angegeben für einen Bericht darüber, wer zugestimmt hat, und für nichts sonst',
  lookups: 'Wer von den Mitarbeitenden diese Verwendungen angesehen hat',
  why: 'Warum',
  unknown: 'unbekannt',
  ages: { adult: 'volljährig', minor: 'minderjährig', unknown: 'unbekannt' },
  choices: { granted: 'erlaubt', denied: 'abgelehnt', none: 'nichts mehr gesagt' },
  withdrawn: 'zurückgenommen',
  bySignal: { granted: 'obwohl ein Signal dagegen stand', denied: 'durch ein Signal' },
  until: 'bis',
  adultFrom: 'volljährig ab',
  visibility: 'Wer es sehen darf',
  visibleTo: 'wer es sehen darf',
  said: 'gesagt',
  language: 'in der Sprache',
  callers: { user: 'Sie', service: 'der Dienst', engine: 'Assent' },
  ways: {
    settings: 'Einstellungen',
    gpc: 'Signal des Browsers',
    tcf: 'TCF-Zeichenkette',
    import: 'Übernahme aus einem früheren System',
    expiry: 'Ende einer Erlaubnis',
    lapse: 'verfallen',
    birthday: 'Volljährigkeit',
  },
};

const CAPTIONS: ReadonlyMap<string, Captions> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
]);

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ccc}' +
  'code{overflow-wrap:anywhere}';

/** Headers that allow a browser to show the page and nothing else. */
export const PAGE_HEADERS = {
  ...pageHeaders({ 'style-src': "'unsafe-inline'", sandbox: '' }),
  'content-disposition': 'inline; filename="assent-export.html"',
} as const;

/** @param language one of the policy's */
export function pageIn(language: string): ExportForm {
  const say = CAPTIONS.get(matching(language, [...CAPTIONS.keys()]) ?? 'en') ?? ENGLISH;
  return {
    head: (head) => pageHead(head, say),
    events: (events) => events.map((event) => eventRow(event, say)).join(''),
    beforeUses: `</table>\n<h2>${say.uses}</h2><table>${row('th', [say.day, say.service, say.purpose, say.opens, say.outcome, say.times])}\n`,
    uses: (uses) => uses.map((use) => useRow(use, say)).join(''),
    beforeLookups: `</table>\n<h2>${say.lookups}</h2><table>${row('th', [say.when, say.by, say.why])}\n`,
    lookups: (lookups) =>
      lookups.map(({ at, role, reason }) => row('td', [minuteOf(at), role, reason])).join(''),
    tail: '</table></body></html>\n',
  };
}

function pageHead(
  { exported_at: exportedAt, settings, extracts, attributes, uses_complete_until: until }: ExportHead,
  say: Captions,
): string {
  const { language } = settings;
  const you: readonly (readonly [string, string])[] = [
    [say.id, settings.user],
    [say.region, regionIn(settings.region, say)],
    [say.law, settings.regime_title],
    [say.age, say.ages[settings.age_band]],
    [say.signals, settings.signals.map((signal) => SIGNAL_NAMES[signal]).join(', ') || say.none],
    [`${say.uses}: ${say.complete}`, until === null ? say.none : minuteOf(until)],
  ];
  const purposes = settings.purposes.map(
    ({ title, description, on, why, data }) =>
      `<h3>${escaped(title)}: ${on ? say.on : say.off}</h3><p>${escaped(description)}</p><p>${escaped(why)}</p>` +
      `<p>${say.opens}: ${escaped(data.flatMap(({ fields }) => fields.map((field) => field.title)).join(', ') || say.none)}</p>`,
  );
  const groups = settings.visibility.map(({ title, level, levels }) => [
    title,
    levels.find(({ id }) => id === level)?.title ?? level,
  ]);
  return [
    `<!doctype html><html lang="${escaped(language)}"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width"><title>${say.title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${say.title}</h1><p>${say.exported}: ${escaped(exportedAt)}</p>`,
    `<h2>${say.you}</h2><table>${you.map((pair) => row('td', pair)).join('')}</table>`,
    `<h2>${say.settings}</h2>${purposes.join('')}`,
    ...tableOf(say.visibility, [], groups),
    ...tableOf(
      say.extracts,
      [say.taken, say.service, say.purpose, say.opens, say.mayNot, say.leftOut],
      extracts.map(({ opened_at: at, client, purpose, fields, withdrawn, left_out_at: leftOutAt }) => [
        minuteOf(at),
        client,
        purpose.title,
        fields.join(', '),
        Object.keys(withdrawn).join(', ') || say.none,
        leftOutAt === null ? '' : minuteOf(leftOutAt),
      ]),
    ),
    ...tableOf(
      say.attributes,
      [],
      attributes.map(({ attribute, value }) => [attribute.title, value.title]),
    ),
    `<h2>${say.history}</h2><table>`,
    `${row('th', [say.when, say.what, say.by, say.notice, say.policy])}\n`,
  ].join('\n');
}

function eventRow(event: ExportedEvent, say: Captions): string {
  const { at, by, via, policy } = event;
  const notice = event.kind === 'choice' && event.notice !== null ? String(event.notice) : '';
  const who = by.kind === 'service' ? `${say.callers.service} ${by.id}` : say.callers[by.kind];
  const cells = [minuteOf(at), saidIn(event, say), `${who} (${say.ways[via]})`, notice, policy ?? ''];
  return `${row('td', cells)}\n`;
}

function saidIn(event: ExportedEvent, say: Captions): string {
  const { said_at: saidAt, language } = event;
  return [
    ...changeIn(event, say),
    ...(saidAt === null ? [] : [`${say.said}: ${minuteOf(saidAt)}`]),
    ...(language === null ? [] : [`${say.language}: ${language}`]),
  ].join(', ');
}

function changeIn(event: ExportedEvent, say: Captions): string[] {
  switch (event.kind) {
    case 'profile':
      return [
        `${say.region}: ${regionIn(event.region, say)}`,
        `${say.age}: ${say.ages[event.age_band]}`,
        ...(event.adult_from === null ? [] : [`${say.adultFrom} ${minuteOf(event.adult_from)}`]),
      ];
    case 'choice':
      return [
        `${event.purpose}: ${say.choices[event.choice]}`,
        ...(event.signal && event.choice !== 'none' ? [say.bySignal[event.choice]] : []),
        ...(event.until === null ? [] : [`${say.until} ${minuteOf(event.until)}`]),
      ];
    case 'signal':
      return [SIGNAL_NAMES[event.signal], ...(event.withdrawn ? [say.withdrawn] : [])];
    case 'visibility':
      return [`${say.visibleTo}: ${event.group}: ${event.level}`];
  }
}

function useRow(use: ExportedUse, say: Captions): string {
  const { day, client, purpose, data, permitted, why, times } = use;
  const fields = data.map(({ title }) => title).join(', ');
  return row('td', [day, client, purpose.title, fields, permitted ? say.permitted : why, String(times)]);
}

/** Nothing where there is nothing to tell. */
function tableOf(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const head = columns.length === 0 ? '' : row('th', columns);
  return [`<h2>${title}</h2><table>${head}${rows.map((cells) => row('td', cells)).join('')}</table>`];
}

function regionIn(region: string, say: Captions): string {
  return region === 'unknown' ? say.unknown : region;
}

function minuteOf(time: string): string {
  return time.replace('T', ' ').slice(0, 16);
}

function row(cell: 'td' | 'th', values: readonly string[]): string {
  return `<tr>${values.map((value) => `<${cell}>${escaped(value)}</${cell}>`).join('')}</tr>`;
}
