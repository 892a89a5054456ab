/**
 * Everything that is held about a user, as a page that a person can read, print and keep. It loads nothing and runs
 * nothing.
 */
import type { Signal } from '../decision/consent-event.js';
import { directionOf, isSpoken, spokenTo } from '../http/headers/spoken.js';
import { escaped, pageHeaders } from '../http/page-headers.js';
import { CAPTIONS } from './captions/captions.js';
import type { Captions } from './captions/words.js';
import type { ExportForm, ExportHead, ExportedEvent, ExportedUse } from './export.view.js';

const SIGNAL_NAMES: Readonly<Record<Signal, string>> = { gpc: 'Global Privacy Control' };

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}' +
  'table{border-collapse:collapse;width:100%}th,td{text-align:start;vertical-align:top;padding-block:.3rem;padding-inline-end:.6rem;border-bottom:1px solid #ccc}' +
  'code{overflow-wrap:anywhere}';

/** Headers that allow a browser to show the page and nothing else. */
export const PAGE_HEADERS = {
  ...pageHeaders({ 'style-src': "'unsafe-inline'", sandbox: '' }),
  'content-disposition': 'inline; filename="assent-export.html"',
} as const;

/** @param language one of the policy's */
export function pageIn(language: string): ExportForm {
  const say = CAPTIONS[spokenTo(language)];
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
  const own = isSpoken(language) ? language : spokenTo(language);
  // what is not in the language of the page says in which it is
  const text = (value: string, lang: string = language) =>
    lang === own ? escaped(value) : `<span lang="${escaped(lang)}" dir="auto">${escaped(value)}</span>`;
  const purposes = settings.purposes.map(
    ({ title, description, on, why, data, lang }) =>
      `<h3>${text(title, lang?.['title'])}: ${on ? say.on : say.off}</h3>` +
      `<p>${text(description, lang?.['description'])}</p><p>${text(why, lang?.['why'])}</p>` +
      `<p>${say.opens}: ${data.map((part) => dataOf(part, text)).join('; ') || say.none}</p>`,
  );
  const groups = settings.visibility.map(({ title, level, levels }) => [
    title,
    levels.find(({ id }) => id === level)?.title ?? level,
  ]);
  return [
    `<!doctype html><html lang="${escaped(own)}" dir="${directionOf(spokenTo(language))}"><head><meta charset="utf-8">`,
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

type Data = ExportHead['settings']['purposes'][number]['data'][number];

/** A category of data, and what of it is used. */
function dataOf({ title, fields, lang }: Data, text: (value: string, lang?: string) => string): string {
  const all = fields
    .map((field) => {
      const { description } = field;
      const more = description === undefined ? '' : ` (${text(description, field.lang?.['description'])})`;
      return text(field.title, field.lang?.['title']) + more;
    })
    .join(', ');
  return title === undefined ? all : `<strong>${text(title, lang?.['title'])}</strong>: ${all}`;
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
