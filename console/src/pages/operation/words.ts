/** The words of how the service runs. */
import { inEach } from '../../words/words.js';

const number = { en: new Intl.NumberFormat('en'), de: new Intl.NumberFormat('de') };

export const OPERATION = inEach(
  {
    title: 'How it runs',
    processes: {
      title: 'Processes',
      about: (revision: string) =>
        `The consent log is at revision ${revision}. A process that is late or evicted denies everything.`,
      none: 'No process has told of itself.',
      only: 'the only one',
      columns: {
        id: 'Process',
        status: 'State',
        lease: 'Lease renewed',
        revision: 'Revision',
        behind: 'Behind',
        policy: 'Policy version',
        build: 'Build',
      },
      status: { deciding: '● deciding', late: '△ late: it denies', evicted: '■ evicted: it denies' },
      renewed: (ago: string, lease: string) => `${ago} s ago, of ${lease} s`,
      noLease: 'needs none',
      waits: 'waits for caches of its clients',
      unsaid: 'not told yet',
    },
    imports: {
      title: 'Imports',
      about: 'From earlier systems. An import ends with its file, whose length the service does not know.',
      none: 'Nothing was imported.',
      columns: {
        id: 'Import and who sends it',
        changed: 'Last lines taken in',
        line: 'Lines so far',
        changes: 'Changed',
        unchanged: 'Already so',
        refused: 'Refused',
        reasons: 'Refused for',
        remarks: 'Taken in, but',
      },
      nothing: (count: number) =>
        `${number.en.format(count)} ${count === 1 ? 'grant permits' : 'grants permit'} nothing`,
      strictest: (count: number) =>
        `${number.en.format(count)} ${count === 1 ? 'level is not of its' : 'levels are not of their'} group, so the strictest was taken`,
      none_refused: 'none',
    },
    clients: {
      title: 'Clients',
      about: (id: string) => `As policy version ${id} has them, which is in force.`,
      unlisted: {
        token: 'A client that is not listed may do what its token says.',
        refuse: 'A client that is not listed may do nothing.',
      },
      none: 'The policy lists no client.',
      columns: {
        id: 'Client',
        description: 'What it is',
        purposes: 'May ask for',
        scopes: 'May do besides',
      },
      nothing: 'nothing',
    },
    budgets: {
      title: 'Privacy budgets',
      about: 'What figures of a purpose may tell about one person in each period (differential privacy).',
      none: 'Nothing was spent yet.',
      columns: {
        purpose: 'Purpose',
        period: 'Period',
        epsilon: 'Epsilon spent',
        delta: 'Delta spent',
        share: 'Share of the budget',
        figures: 'Figures',
        last: 'Last one',
      },
      of: (spent: string, limit: string) => `${spent} of ${limit}`,
      noLimit: 'the policy gives the purpose no budget now',
    },
  },
  {
    title: 'Wie es läuft',
    processes: {
      title: 'Prozesse',
      about: (revision) =>
        `Das Protokoll der Einwilligungen steht bei Revision ${revision}. Ein Prozess, der zu spät oder ausgeschlossen ist, verweigert alles.`,
      none: 'Kein Prozess hat sich gemeldet.',
      only: 'der einzige',
      columns: {
        id: 'Prozess',
        status: 'Zustand',
        lease: 'Lease erneuert',
        revision: 'Revision',
        behind: 'Rückstand',
        policy: 'Version der Richtlinie',
        build: 'Build',
      },
      status: {
        deciding: '● entscheidet',
        late: '△ zu spät: verweigert',
        evicted: '■ ausgeschlossen: verweigert',
      },
      renewed: (ago, lease) => `vor ${ago} s, von ${lease} s`,
      noLease: 'braucht keine',
      waits: 'wartet auf Caches seiner Clients',
      unsaid: 'noch nicht gesagt',
    },
    imports: {
      title: 'Importe',
      about: 'Aus früheren Systemen. Ein Import endet mit seiner Datei, deren Länge der Dienst nicht kennt.',
      none: 'Es wurde nichts importiert.',
      columns: {
        id: 'Import und wer ihn sendet',
        changed: 'Letzte Zeilen übernommen',
        line: 'Zeilen bisher',
        changes: 'Geändert',
        unchanged: 'Schon so',
        refused: 'Abgelehnt',
        reasons: 'Abgelehnt wegen',
        remarks: 'Übernommen, aber',
      },
      nothing: (count) =>
        `${number.de.format(count)} ${count === 1 ? 'Einwilligung erlaubt' : 'Einwilligungen erlauben'} nichts`,
      strictest: (count) =>
        `${number.de.format(count)} ${count === 1 ? 'Stufe gehört' : 'Stufen gehören'} nicht zu ihrer Gruppe, also gilt die strengste`,
      none_refused: 'keine',
    },
    clients: {
      title: 'Clients',
      about: (id) => `So, wie sie in der geltenden Version ${id} der Richtlinie stehen.`,
      unlisted: {
        token: 'Ein Client, der nicht aufgeführt ist, darf, was sein Token sagt.',
        refuse: 'Ein Client, der nicht aufgeführt ist, darf nichts.',
      },
      none: 'Die Richtlinie führt keinen Client auf.',
      columns: {
        id: 'Client',
        description: 'Was er ist',
        purposes: 'Darf fragen nach',
        scopes: 'Darf außerdem',
      },
      nothing: 'nichts',
    },
    budgets: {
      title: 'Datenschutzbudgets',
      about:
        'Was Auswertungen eines Zwecks in jedem Zeitraum über eine Person verraten dürfen (Differential Privacy).',
      none: 'Es wurde noch nichts verbraucht.',
      columns: {
        purpose: 'Zweck',
        period: 'Zeitraum',
        epsilon: 'Epsilon verbraucht',
        delta: 'Delta verbraucht',
        share: 'Anteil am Budget',
        figures: 'Auswertungen',
        last: 'Die letzte',
      },
      of: (spent, limit) => `${spent} von ${limit}`,
      noLimit: 'die Richtlinie gibt dem Zweck jetzt kein Budget',
    },
  },
);
