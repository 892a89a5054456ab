/** Everything that is held about a user, as a page that a person can read, print and keep. It loads nothing and runs nothing. */
import { matching } from '../../http/accept-language.js';
import type { ExportForm, ExportHead, ExportedEvent } from './export.view.js';

/** What the page says around what it shows. */
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
};

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
};

const CAPTIONS: ReadonlyMap<string, Captions> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
]);

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ccc}' +
  'code{overflow-wrap:anywhere}';

/** The headers under which a browser shows the page and does nothing else with it. */
export const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'content-disposition': 'inline; filename="assent-export.html"',
} as const;

export const AS_PAGE: ExportForm = {
  head: pageHead,
  events: (events) => events.map(eventRow).join(''),
  tail: '</table></body></html>\n',
};

function pageHead({ exported_at: exportedAt, settings }: ExportHead): string {
  const { language } = settings;
  const say = CAPTIONS.get(matching(language, [...CAPTIONS.keys()]) ?? 'en') ?? ENGLISH;
  const you: readonly (readonly [string, string])[] = [
    [say.id, settings.user],
    [say.region, settings.region],
    [say.law, settings.regime_title],
    [say.age, settings.age_band],
    [say.signals, settings.signals.join(', ') || say.none],
  ];
  const purposes = settings.purposes.map(
    ({ title, description, on, why, data }) =>
      `<h3>${text(title)}: ${on ? say.on : say.off}</h3><p>${text(description)}</p><p>${text(why)}</p>` +
      `<p>${say.opens}: ${text(data.flatMap(({ fields }) => fields.map((field) => field.title)).join(', ') || say.none)}</p>`,
  );
  return [
    `<!doctype html><html lang="${text(language)}"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width"><title>${say.title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${say.title}</h1><p>${say.exported}: ${text(exportedAt)}</p>`,
    `<h2>${say.you}</h2><table>${you.map((pair) => row('td', pair)).join('')}</table>`,
    `<h2>${say.settings}</h2>${purposes.join('')}`,
    `<h2>${say.history}</h2><table>`,
    `${row('th', [say.when, say.what, say.by, say.notice, say.policy])}\n`,
  ].join('\n');
}

function eventRow({ at, by, via, policy, ...event }: ExportedEvent): string {
  const notice = 'notice' in event && event.notice !== null ? String(event.notice) : '';
  const cells = [
    at.replace('T', ' ').slice(0, 16),
    saidIn(event),
    `${by.kind} ${by.id} (${via})`,
    notice,
    policy ?? '',
  ];
  return `${row('td', cells)}\n`;
}

/** What an event says, its members as they are in the JSON. */
function saidIn(event: Readonly<Record<string, unknown>>): string {
  return Object.entries(event)
    .filter(([name, value]) => !['id', 'notice'].includes(name) && value !== null && value !== false)
    .map(([name, value]) => (name === 'kind' ? String(value) : `${name} ${String(value)}`))
    .join(', ');
}

function row(cell: 'td' | 'th', values: readonly string[]): string {
  return `<tr>${values.map((value) => `<${cell}>${text(value)}</${cell}>`).join('')}</tr>`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/** Text as it may stand in an element or an attribute. */
function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character) ?? '');
}
