/** The words of what waits for somebody. */
import { inEach } from '../../words/words.js';

export const WAITING = inEach(
  {
    kinds: {
      drafts_to_judge: 'Drafts of others to approve or decline',
      drafts_own: 'Your own drafts',
      drafts_refused: 'Drafts that could not be published when their time came',
      drafts_scheduled: 'Drafts that wait for their time',
      drafts_in_shadow: 'Drafts that are tried out beside the policy in force',
      cases_to_approve: 'Cases to approve',
      cases_to_read: 'Cases that you read under',
      cases_open: 'Open cases',
      reviews: 'Purposes to look at again',
      verifications_failed: 'Failed verifications',
    },
    nothing: 'Nothing waits for you.',
    failed: {
      consentLog: 'The consent log',
      record: (writer: string) => `The record of use of the writer ${writer}`,
      at: 'found',
      // what to do about it
      logNext:
        'Keep a copy of the database as it is, compare with the hashes that you kept, and restore the database from a backup. This stays here until the log is verified again, and holds.',
      recordNext:
        'Where the files are, check them with the command below; then restore them from a copy. This stays here until the service can read on.',
    },
    due: 'due',
    others: (count: string) => `and ${count} more`,
    notWhole: 'There are more cases than are looked at for this list. Older ones are not counted.',
  },
  {
    kinds: {
      drafts_to_judge: 'Entwürfe anderer, über die Sie entscheiden',
      drafts_own: 'Ihre eigenen Entwürfe',
      drafts_refused: 'Entwürfe, die zu ihrer Zeit nicht veröffentlicht werden konnten',
      drafts_scheduled: 'Entwürfe, die auf ihre Zeit warten',
      drafts_in_shadow: 'Entwürfe, die neben der geltenden Richtlinie erprobt werden',
      cases_to_approve: 'Fälle, über deren Freigabe Sie entscheiden',
      cases_to_read: 'Fälle, unter denen Sie lesen',
      cases_open: 'Offene Fälle',
      reviews: 'Zwecke, die wieder anzusehen sind',
      verifications_failed: 'Gescheiterte Prüfungen',
    },
    nothing: 'Nichts wartet auf Sie.',
    failed: {
      consentLog: 'Das Protokoll der Einwilligungen',
      record: (writer) => `Die Aufzeichnung der Nutzung des Schreibers ${writer}`,
      at: 'gefunden',
      logNext:
        'Bewahren Sie eine Kopie der Datenbank auf, wie sie ist, vergleichen Sie mit den Hashes, die Sie aufbewahrt haben, und stellen Sie die Datenbank aus einer Sicherung wieder her. Das steht hier, bis das Protokoll neu geprüft ist und stimmt.',
      recordNext:
        'Prüfen Sie die Dateien dort, wo sie liegen, mit dem Befehl unten, und stellen Sie sie aus einer Kopie wieder her. Das steht hier, bis der Dienst weiterlesen kann.',
    },
    due: 'fällig',
    others: (count) => `und ${count} weitere`,
    notWhole: 'Es gibt mehr Fälle, als für diese Liste angesehen werden. Ältere sind nicht gezählt.',
  },
);
