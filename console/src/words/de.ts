import type { Words } from './en.js';

const number = new Intl.NumberFormat('de');
const counted = (count: number, one: string, many: string) =>
  `${number.format(count)} ${count === 1 ? one : many}`;

export const de: Words = {
  name: 'Assent',
  skip: 'Zum Inhalt springen',
  sections: 'Bereiche',
  views: {
    home: 'Übersicht',
    matrix: 'Matrix',
    drafts: 'Entwürfe',
    versions: 'Versionen',
    replay: 'Nachvollzug',
    consent: 'Einwilligung',
    operation: 'Betrieb',
    reviews: 'Überprüfungen',
    proof: 'Protokoll und Schlüssel',
    uses: 'Nutzungen',
    cases: 'Fälle',
  },
  tasks: { see: 'Sehen', change: 'Ändern', prove: 'Belegen' },
  signIn: 'Anmelden',
  signOut: 'Abmelden',
  leaving: {
    title: 'Etwas ist nicht gespeichert',
    says: 'Wenn Sie sich abmelden, wird es aus diesem Browser entfernt und lässt sich nicht zurückholen.',
    draft: (draft) => `Text des Entwurfs ${draft}`,
    writing: 'Text in einem Formular, das nicht abgeschickt wurde, hier oder in einem anderen Tab',
    leave: 'Abmelden und entfernen',
    stay: 'Angemeldet bleiben',
  },
  notSignedOut:
    'Der Dienst hat die Sitzung nicht beendet. Sie sind noch angemeldet: Versuchen Sie es erneut.',
  signedOut: 'Sie sind nicht angemeldet.',
  signedInAs: (id, roles) => `${id}, ${roles}`,
  notAdmin: 'Die Konsole ist für Admins. Sie sind ohne Admin-Rolle angemeldet.',
  language: 'Sprache',
  palette: 'Gehe zu',
  paletteHint: 'Ansicht, Zweck oder Feld eingeben',
  paletteNothing: 'Nichts mit diesem Namen gefunden.',
  notForYou: 'nicht mit Ihren Rollen',
  notFound: 'Diese Ansicht gibt es nicht.',
  reading: 'Wird gelesen',
  tryAgain: 'Erneut versuchen',
  broken:
    'Ein Teil der Seite ließ sich nicht laden oder zeigen. Vielleicht wurde der Dienst aktualisiert, oder seine Antwort war nicht zu verstehen.',
  loadAnew: 'Seite neu laden',
  noSuchTime:
    'Diese Zeit gibt es hier nicht: Schreiben Sie ein Jahr mit vier Ziffern. Nichts wurde gesendet.',
  wait: 'Bitte warten',
  stopped: 'Angehalten. Es gibt keine Antwort.',
  seconds: (seconds) => `${number.format(seconds)} s`,
  cancel: 'Abbrechen',
  close: 'Schließen',
  copyLink: 'Link zu dieser Ansicht kopieren',
  copied: 'Kopiert.',
  exportTable: 'Als CSV exportieren',
  print: 'Drucken',
  zone: (zone) => `Alle Zeiten in ${zone}.`,
  rows: (count) => counted(count, 'Zeile', 'Zeilen'),
  mayNot: 'Das dürfen Sie nicht:',
  failed: {
    no_answer: 'Es kam keine Antwort. Das Gezeigte kann veraltet sein.',
    not_understood: 'Die Antwort war nicht zu verstehen und wird nicht gezeigt.',
    not_authenticated:
      'Sie sind nicht mehr angemeldet. Melden Sie sich in einem anderen Tab an und versuchen Sie es hier erneut: Nichts geht verloren.',
    draft_edited: 'Der Entwurf wurde seither bearbeitet. Nichts wurde getan.',
    caller_not_allowed: 'Ihre Rollen erlauben das nicht.',
    here: 'Diese Seite konnte es nicht tun.',
    other: 'Der Dienst hat abgelehnt.',
  },
};
