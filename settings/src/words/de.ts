import type { Words } from './en.js';

const one = new Intl.PluralRules('de');
const uses = (count: number) => (one.select(count) === 'one' ? '1 Verwendung' : `${count} Verwendungen`);

export const de: Words = {
  title: 'Ihre Daten, Ihre Einstellungen',
  sections: 'Bereiche',
  language: 'Sprache',
  views: {
    settings: 'Einstellungen',
    review: 'Prüfen',
    uses: 'Wer meine Daten verwendet hat',
    record: 'Mein Verlauf',
  },
  tryAgain: 'Noch einmal versuchen',
  signIn: 'Anmelden',
  signOut: 'Abmelden',
  saving: 'Wird gespeichert. Was angezeigt ist, gilt noch.',

  settings: 'Wofür Ihre Daten verwendet werden',
  law: (title) => `Das Recht an Ihrem Wohnort: ${title}`,
  on: 'Ein',
  off: 'Aus',
  refuse: 'Ablehnen',
  allow: 'Erlauben',
  question: (title) => `${title}: Ihre Antwort`,
  refuseAll: 'Alles ablehnen',
  refuseAllWhat: (count) =>
    count === 0
      ? 'Alles, was sich ablehnen lässt, ist jetzt aus.'
      : `Schaltet ${uses(count)} aus, auf einmal.`,
  gpc: (count) =>
    `Ihr Browser sendet Global Privacy Control: Meine Daten nicht verkaufen oder weitergeben. Das wird befolgt und schließt ${uses(count)}.`,
  ifAllowed: 'Erlauben: Diese Daten dürfen dafür verwendet werden.',
  ifRefused: 'Ablehnen: Diese Daten werden dafür nicht verwendet.',
  alsoCloses: (titles) => `Damit wird auch ausgeschaltet: ${titles}.`,
  alsoOpens: (titles) => `Damit wird auch eingeschaltet: ${titles}.`,
  holdsFor: (duration) => `Es gilt ${duration} lang. Danach werden Sie wieder gefragt.`,
  staysOffUntil: (titles) => `Es bleibt aus, bis dies eingeschaltet ist: ${titles}.`,
  againstSignal: 'Erlauben zählt, obwohl Ihr Browser Global Privacy Control sendet.',
  data: (count) =>
    one.select(count) === 'one' ? 'Ihre Daten dafür: 1 Art' : `Ihre Daten dafür: ${count} Arten`,
  noData: 'Es verwendet keine Ihrer Daten.',
  categories: {
    public: 'Öffentlich',
    profile: 'Profil',
    engagement: 'Was Sie hier tun',
    private_message: 'Private Nachrichten',
  },
  setAt: (time) => `Seit ${time}`,
  endsOn: (day) => `Ihr Ja endet am ${day}.`,
  onSince: (time) => `Ein, für jede Entscheidung seit ${time}`,
  offSince: (time) => `Aus, für jede Entscheidung seit ${time}`,
  allOffSince: (time) => `Alles, was sich ablehnen lässt, ist aus, für jede Entscheidung seit ${time}`,
  levelSince: (level, time) => `${level}, für jede Entscheidung seit ${time}`,
  recordedAndOff: (time) => `Aufgezeichnet um ${time}. Es bleibt aus.`,
  recordedAndOn: (time) => `Aufgezeichnet um ${time}. Es bleibt ein.`,
  recorded: 'Aufgezeichnet. Hier steht, was jetzt gilt.',
  unsent: (answer: string) =>
    `Ihre Antwort war „${answer}“. Sie waren abgemeldet, sie wurde nicht aufgezeichnet.`,
  recordedUnread: 'Aufgezeichnet. Was jetzt gilt, konnte nicht gelesen werden.',
  undo: 'Rückgängig',
  undone: (time) => `Zurückgenommen: ${time}. Unten steht, was jetzt gilt.`,
  undonePartly: 'Es wurde nicht alles zurückgenommen. Unten steht, was jetzt gilt.',
  visibility: 'Wer Ihre Daten sehen darf',

  review: 'Wonach Sie gefragt werden',
  reviewNothing: 'Sie werden jetzt nach nichts gefragt.',
  agreed: 'Worin Sie eingewilligt haben',
  today: 'Was heute dort steht',
  changedWords: 'Entfallene Wörter sind durchgestrichen, neue unterstrichen.',
  agreedUnknown: 'Der Text, in den Sie damals eingewilligt haben, konnte nicht gelesen werden.',
  notBefore: 'Wonach Sie nicht noch einmal gefragt werden',
  notBeforeWhen: (title, time) => `${title}: nicht vor dem ${time}`,

  uses: 'Wer Ihre Daten verwendet hat',
  usesNothing: 'Niemand hat Ihre Daten verwendet.',
  completeUntil: (time) => `Vollständig bis ${time}`,
  permitted: 'Erlaubt',
  refused: 'Verweigert',
  times: (count) => (one.select(count) === 'one' ? 'einmal' : `${count}-mal`),
  governedBy: (title) => `Zur Einstellung: ${title}`,
  reviewed: (role, items) =>
    items === null
      ? `Menschen haben Nachrichten gelesen, als ${role}.`
      : `Menschen konnten ${items === 1 ? '1 Nachricht' : `${items} Nachrichten`} lesen, als ${role}.`,
  underCase: (id) => `Fall ${id}`,
  lookups: 'Mitarbeitende, die in Ihren Verlauf gesehen haben',
  earlier: 'Frühere zeigen',

  record: 'Ihr Verlauf',
  history: 'Alles, was für Sie gesagt wurde',
  historyNothing: 'Es wurde noch nichts gesagt.',
  choice: { granted: 'Erlaubt', denied: 'Abgelehnt', none: 'Zurückgenommen oder abgelaufen' },
  signal: 'Global Privacy Control Ihres Browsers',
  profile: (region) => `Wo Sie leben: ${region}`,
  by: {
    user: () => 'von Ihnen',
    service: (id) => `vom Dienst ${id}`,
    engine: () => 'von selbst',
  },
  via: {
    settings: 'auf einer Einstellungsseite',
    gpc: 'durch ein Signal Ihres Browsers',
    tcf: 'durch eine Wahl auf einer anderen Website',
    import: 'aus einem früheren System übernommen',
    expiry: 'weil die Zeit abgelaufen war',
    lapse: 'weil Einwilligungen für begrenzte Zeit gelten',
    birthday: 'weil Sie volljährig wurden',
  },
  receipt: 'Beleg',
  receiptOf: (what) => `Beleg: ${what}`,
  genuine: (time) => `Echt: von diesem Dienst am ${time} unterschrieben, in Ihrem Browser geprüft.`,
  forged: 'Nicht echt: Die Unterschrift ist nicht von diesem Dienst. Verlassen Sie sich nicht darauf.',
  unchecked: 'Ihr Browser kann die Unterschrift nicht prüfen. Die Datei lässt sich anderswo prüfen.',
  keepReceipt: 'Beleg behalten',
  export: 'Alles mitnehmen',
  exportWhat:
    'Alles, was über Sie gespeichert ist: Einstellungen, Verlauf, wer was verwendet hat und wer hineingesehen hat.',
  exportFile: 'Eine Datei für Computer (JSON)',
  exportPage: 'Eine Seite zum Lesen (HTML)',
  exported: 'Die Datei ist vollständig. Ihr Browser legt sie zu Ihren Downloads.',
  erasure: 'Ihren Verlauf löschen',
  erasureGoes:
    'Was endgültig verschwindet: Ihre Entscheidungen, Ihr Profil hier, Ihr Verlauf und Ihre Belege. Niemand kann sie je wieder lesen, und danach ist nichts mehr erlaubt, was Ihr Wort braucht.',
  erasureStays:
    'Was bleibt: wann etwas gesagt wurde, unter einer Nummer, die zu niemandem führt, und dass jemand gelöscht wurde. Sonst ließe sich nicht beweisen, dass das Protokoll vollständig ist. Was Dienste selbst über Sie wissen, müssen diese löschen: Fragen Sie dort.',
  erasureType: (word) => `Um fortzufahren, tippen Sie ${word}`,
  erasureWord: 'LÖSCHEN',
  erasureMistyped: (word) => `Es wurde nichts gelöscht. Tippen Sie zuerst ${word} in das Feld.`,
  erase: 'Meinen Verlauf löschen',
  erased: 'Ihr Verlauf ist gelöscht. Diese Seite fragt nichts mehr ab.',
  kept: 'Was bleibt, und warum',
  keptUntil: (day) => `Bis ${day}.`,
  erasedNone: 'Es gab keinen Verlauf von Ihnen, der zu löschen war.',

  failed: {
    signed_out: 'Sie sind abgemeldet. Es wurde nichts geändert.',
    not_allowed: 'Mit Ihrer Anmeldung darf das nicht gelesen oder geändert werden. Es wurde nichts geändert.',
    changed_meanwhile:
      'Das hat sich geändert, während Sie lasen. Hier steht, was jetzt gilt; es wurde nichts aufgezeichnet.',
    nothing_recorded: 'Wer Daten verwendet, wird hier nicht aufgezeichnet.',
    no_answer:
      'Es kam keine Antwort. Angezeigt ist, was zuletzt bestätigt wurde. Ein neuer Versuch kann es nicht doppelt aufzeichnen.',
    unavailable:
      'Der Dienst konnte es nicht bestätigen. Ein neuer Versuch kann es nicht doppelt aufzeichnen.',
    not_understood: 'Die Antwort war nicht zu verstehen und wird deshalb nicht angezeigt.',
  },
};
