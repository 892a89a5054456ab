/** The words of what proves that nothing was changed. */
import { inEach } from '../../words/words.js';

export const PROOF = inEach(
  {
    title: 'What proves it',
    log: {
      title: 'The consent log',
      about:
        'Each entry names the hash of the one before. Whoever keeps the hash of the end can show later whether anything up to there was changed.',
      revision: 'Last revision',
      hash: 'Its hash',
      copy: 'Copy the revision and the hash',
      verify: 'Verify the whole log',
      stop: 'Stop',
      running: (verified: string, of: string) => `${verified} of ${of} entries verified`,
      beginning: 'The verification begins',
      progress: 'How far the verification is',
      intact: (revision: string) =>
        `● Intact: every entry up to revision ${revision} is as it was written, with its people and publications. Compare revision and hash with the ones you kept: an older copy of the whole shows only there.`,
      broken: (revision: string) => `■ Broken at revision ${revision}.`,
      cut: '△ The verification ended without a result. Nothing is known: begin again.',
      stopped: 'Stopped. Nothing is known.',
      at: 'Verified',
      record:
        'The record of decisions is verified on the command line, with files that need no trust in the service:',
    },
    keys: {
      title: 'Keys of receipts',
      about:
        'The newest signs receipts, exports of the record and signed grants. Receipts of earlier keys stay verifiable.',
      none: 'There is no key yet: the first receipt makes one.',
      columns: { kid: 'Key', since: 'Made', retired: 'Retired', x: 'Public half' },
      signs: '● signs',
      rotate: 'Make a new key',
      sure: 'The present key is retired, and stays published. Whoever verifies offline needs the new list of keys.',
      yes: 'Make it and retire the present one',
      made: (kid: string) => `The key ${kid} signs from now on.`,
    },
    erasures: {
      title: 'Erasures',
      about:
        'That somebody was erased, and on whose word. Nothing tells whom: that is gone. The oldest first.',
      none: 'Nobody was erased.',
      columns: { id: 'Record', revision: 'Revision', at: 'When', by: 'By' },
      themselves: 'the person themselves',
      kinds: { user: 'person', service: 'service', engine: 'the engine' },
    },
  },
  {
    title: 'Womit es sich belegen lässt',
    log: {
      title: 'Das Protokoll der Einwilligungen',
      about:
        'Jeder Eintrag nennt den Hash des vorigen. Wer den Hash des Endes aufbewahrt, kann später zeigen, ob etwas bis dahin verändert wurde.',
      revision: 'Letzte Revision',
      hash: 'Ihr Hash',
      copy: 'Revision und Hash kopieren',
      verify: 'Das ganze Protokoll prüfen',
      stop: 'Anhalten',
      running: (verified, of) => `${verified} von ${of} Einträgen geprüft`,
      beginning: 'Die Prüfung beginnt',
      progress: 'Wie weit die Prüfung ist',
      intact: (revision) =>
        `● Unversehrt: Jeder Eintrag bis Revision ${revision} ist, wie er geschrieben wurde, mit seinen Personen und Veröffentlichungen. Vergleichen Sie Revision und Hash mit den aufbewahrten: Nur so fällt eine ältere Kopie des Ganzen auf.`,
      broken: (revision) => `■ Gebrochen bei Revision ${revision}.`,
      cut: '△ Die Prüfung endete ohne Ergebnis. Nichts ist bekannt: Beginnen Sie neu.',
      stopped: 'Angehalten. Nichts ist bekannt.',
      at: 'Geprüft',
      record:
        'Die Aufzeichnung der Entscheidungen wird auf der Kommandozeile geprüft, mit Dateien, die kein Vertrauen in den Dienst brauchen:',
    },
    keys: {
      title: 'Schlüssel der Belege',
      about:
        'Der neueste signiert Belege, Exporte der Aufzeichnung und Erlaubnisse (Grants). Belege früherer Schlüssel bleiben prüfbar.',
      none: 'Es gibt noch keinen Schlüssel: Der erste Beleg erzeugt einen.',
      columns: { kid: 'Schlüssel', since: 'Erzeugt', retired: 'Abgelöst', x: 'Öffentliche Hälfte' },
      signs: '● signiert',
      rotate: 'Neuen Schlüssel erzeugen',
      sure: 'Der jetzige Schlüssel wird abgelöst und bleibt veröffentlicht. Wer ohne den Dienst prüft, braucht die neue Liste der Schlüssel.',
      yes: 'Erzeugen und den jetzigen ablösen',
      made: (kid) => `Der Schlüssel ${kid} signiert von jetzt an.`,
    },
    erasures: {
      title: 'Löschungen',
      about:
        'Dass jemand gelöscht wurde, und auf wessen Wort. Nichts sagt, wer: Das ist fort. Die älteste zuerst.',
      none: 'Niemand wurde gelöscht.',
      columns: { id: 'Eintrag', revision: 'Revision', at: 'Wann', by: 'Von' },
      themselves: 'die Person selbst',
      kinds: { user: 'Person', service: 'Dienst', engine: 'Engine' },
    },
  },
);
