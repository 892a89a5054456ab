/** The words of the view of a draft on real traffic. */
import { inEach } from '../../words/words.js';

const number = { en: new Intl.NumberFormat('en'), de: new Intl.NumberFormat('de') };
const percent = (language: 'en' | 'de') => (share: number) =>
  share.toLocaleString(language, { style: 'percent', maximumFractionDigits: 2 });
const share = { en: percent('en'), de: percent('de') };

export const SHADOW = inEach(
  {
    title: (message: string) => `On real traffic: ${message}`,
    about:
      'The draft decides a share of the requests beside the version in force. No answer changes, and nothing of it is recorded of people: it is only counted what would have been answered otherwise.',
    toDraft: 'To the draft',
    toDecision: 'See what it changes for whom, and decide',
    start: 'Start it',
    restart: 'Start it anew',
    restartHint: 'It begins to count anew, with the edit that the draft is at.',
    starting: 'Starting',
    share: 'Share of the requests, in percent',
    shareHint:
      'It may use a fiftieth of the time of the process. What goes beyond that is skipped, and counted.',
    end: 'End it',
    ends: 'The last report stays here until you leave.',
    started: 'It decides beside the version in force now.',
    ended: 'It has ended. This is its last report.',
    unsound: 'The draft does not compile, so it cannot decide. What to fix stands in the draft.',
    unsoundNow:
      'Nothing was started: the draft was edited and does not compile any more. What to fix stands in the draft.',
    over: 'The draft has ended, so it is not tried out any more.',
    other:
      'Another draft is in the shadow. There is room for one: starting this one ends the other, and its report.',
    notRunning: 'The draft is not in the shadow.',
    notRunningAsOf:
      'It is not in the shadow any more: it was ended, or the service started anew. The last report is from',
    notHere:
      'The process that answered does not run it: it is not in the shadow, or another process runs it.',
    notHereAsOf:
      'The process that answered last does not run it: it has ended, or another process runs it. The last report is from',
    fleet: (processes: number) =>
      `${number.en.format(processes)} processes decide. Each has its own shadow: the draft decides and counts only in the one that receives the start, and only that one can report on it or end it. Which one answers is not for this page to choose.`,
    notEnded:
      'Nothing was ended: the process that answered does not run it. It has ended already, or another process runs it; then try again.',
    trouble: (kind: string) =>
      `It ended by itself: deciding with the draft failed (\`${kind}\`). The answers to services were not touched. What was counted until then stands below.`,
    olderEdit: (running: number, now: number) =>
      `Edit ${running} is what decides. The draft is at edit ${now} by now: start it anew to try that one.`,
    report: 'What it has seen',
    figures: {
      since: 'Since',
      edit: 'Edit of the draft',
      share: 'Share',
      decisions: 'Decisions since then',
      compared: 'Decided by the draft too',
      skipped: 'Skipped, for want of time',
      differing: 'Would have been answered otherwise',
      to_deny: 'of these, permitted now and denied by the draft',
      to_permit: 'of these, denied now and permitted by the draft',
      reason_only: 'of these, denied by both, for another reason',
      others: 'of these, not told apart below',
      cost: 'Cost',
    },
    part: (of: number) => share.en(of),
    ofCompared: (of: number) => `${share.en(of)} of what it decided`,
    cost: (ms: number, of: number) => `${number.en.format(ms)} ms, ${share.en(of)} of the time`,
    differences: 'What would have been answered otherwise',
    toMatrix: 'A purpose leads to its row of the matrix.',
    toUses:
      'A number leads to the uses of its purpose and client that had the answer of today, from the day of the start (UTC).',
    chart: 'Answers by purpose: to the left what the draft denies, to the right what it permits',
    show: 'Show',
    all: 'all',
    purpose: 'Purpose',
    allPurposes: 'all',
    turns: {
      to_deny: 'denied by the draft',
      to_permit: 'permitted by the draft',
      reason_only: 'another reason',
    },
    columns: {
      purpose: 'Purpose',
      client: 'Client',
      live: 'In force',
      draft: 'Draft',
      turns: 'What changes',
      count: 'Decisions',
    },
    none: 'No answer was different.',
    noneYet: 'Nothing was compared yet.',
    noneSuch: 'No answer was different in this way.',
  },
  {
    title: (message) => `Im echten Betrieb: ${message}`,
    about:
      'Der Entwurf entscheidet einen Anteil der Anfragen neben der geltenden Version. Keine Antwort ändert sich, und von Personen wird dabei nichts aufgezeichnet: Es wird nur gezählt, was anders beantwortet worden wäre.',
    toDraft: 'Zum Entwurf',
    toDecision: 'Ansehen, was er für wen ändert, und entscheiden',
    start: 'Starten',
    restart: 'Neu starten',
    restartHint: 'Es wird neu gezählt, mit der Fassung, bei der der Entwurf steht.',
    starting: 'Startet',
    share: 'Anteil der Anfragen, in Prozent',
    shareHint:
      'Er darf ein Fünfzigstel der Zeit des Prozesses brauchen. Was darüber hinausgeht, wird ausgelassen und gezählt.',
    end: 'Beenden',
    ends: 'Der letzte Bericht bleibt hier stehen, bis Sie diese Seite verlassen.',
    started: 'Er entscheidet jetzt neben der geltenden Version.',
    ended: 'Er ist beendet. Das ist sein letzter Bericht.',
    unsound:
      'Der Entwurf ist nicht schlüssig, darum kann er nicht entscheiden. Was zu beheben ist, steht im Entwurf.',
    unsoundNow:
      'Nichts wurde gestartet: Der Entwurf wurde bearbeitet und ist nicht mehr schlüssig. Was zu beheben ist, steht im Entwurf.',
    over: 'Der Entwurf ist zu Ende, darum wird er nicht mehr erprobt.',
    other:
      'Ein anderer Entwurf läuft mit. Es ist Platz für einen: Wird dieser gestartet, endet der andere, und sein Bericht mit ihm.',
    notRunning: 'Der Entwurf läuft nicht mit.',
    notRunningAsOf:
      'Er läuft nicht mehr mit: Er wurde beendet, oder der Dienst startete neu. Der letzte Bericht ist von',
    notHere: 'Im Prozess, der antwortete, läuft er nicht: Er läuft nicht mit, oder in einem anderen Prozess.',
    notHereAsOf:
      'Im Prozess, der zuletzt antwortete, läuft er nicht: Er ist beendet, oder er läuft in einem anderen Prozess. Der letzte Bericht ist von',
    fleet: (processes) =>
      `${number.de.format(processes)} Prozesse entscheiden. Jeder hat seinen eigenen Probelauf: Der Entwurf entscheidet und zählt nur in dem, der den Start erhält, und nur dieser kann berichten oder ihn beenden. Welcher antwortet, kann diese Seite nicht wählen.`,
    notEnded:
      'Nichts wurde beendet: Im Prozess, der antwortete, läuft er nicht. Er ist schon beendet, oder er läuft in einem anderen Prozess; versuchen Sie es dann erneut.',
    trouble: (kind) =>
      `Er endete von selbst: Mit dem Entwurf zu entscheiden misslang (\`${kind}\`). Die Antworten an Dienste blieben unberührt. Was bis dahin gezählt war, steht unten.`,
    olderEdit: (running, now) =>
      `Fassung ${running} entscheidet. Der Entwurf steht inzwischen bei Fassung ${now}: Starten Sie neu, um diese zu erproben.`,
    report: 'Was er gesehen hat',
    figures: {
      since: 'Seit',
      edit: 'Fassung des Entwurfs',
      share: 'Anteil',
      decisions: 'Entscheidungen seither',
      compared: 'Auch vom Entwurf entschieden',
      skipped: 'Ausgelassen, weil die Zeit fehlte',
      differing: 'Wären anders beantwortet worden',
      to_deny: 'davon jetzt erlaubt und vom Entwurf verweigert',
      to_permit: 'davon jetzt verweigert und vom Entwurf erlaubt',
      reason_only: 'davon von beiden verweigert, aus anderem Grund',
      others: 'davon unten nicht aufgeschlüsselt',
      cost: 'Aufwand',
    },
    part: (of) => share.de(of),
    ofCompared: (of) => `${share.de(of)} dessen, was er entschied`,
    cost: (ms, of) => `${number.de.format(ms)} ms, ${share.de(of)} der Zeit`,
    differences: 'Was anders beantwortet worden wäre',
    toMatrix: 'Ein Zweck führt zu seiner Zeile in der Matrix.',
    toUses:
      'Eine Zahl führt zu den Nutzungen ihres Zwecks und Clients mit der heutigen Antwort, vom Tag des Starts an (UTC).',
    chart: 'Antworten je Zweck: links, was der Entwurf verweigert, rechts, was er erlaubt',
    show: 'Zeigen',
    all: 'alles',
    purpose: 'Zweck',
    allPurposes: 'alle',
    turns: {
      to_deny: 'vom Entwurf verweigert',
      to_permit: 'vom Entwurf erlaubt',
      reason_only: 'anderer Grund',
    },
    columns: {
      purpose: 'Zweck',
      client: 'Client',
      live: 'In Kraft',
      draft: 'Entwurf',
      turns: 'Was sich ändert',
      count: 'Entscheidungen',
    },
    none: 'Keine Antwort war anders.',
    noneYet: 'Noch wurde nichts verglichen.',
    noneSuch: 'Keine Antwort war auf diese Weise anders.',
  },
);
