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
        `● Intact: every entry up to revision ${revision} is as it was written, with its users and publications.`,
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
        'Receipts, exports of the record and grants are signed with the newest. Receipts of earlier keys stay verifiable.',
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
      themselves: 'the user themselves',
      kinds: { user: 'user', service: 'service', engine: 'the engine' },
    },
  },
  {
    title: 'Was es belegt',
    log: {
      title: 'Das Protokoll der Einwilligungen',
      about:
        'Jeder Eintrag nennt den Hash des vorigen. Wer den Hash des Endes aufhebt, kann später zeigen, ob etwas davor verändert wurde.',
      revision: 'Letzte Revision',
      hash: 'Ihr Hash',
      copy: 'Revision und Hash kopieren',
      verify: 'Das ganze Protokoll prüfen',
      stop: 'Anhalten',
      running: (verified, of) => `${verified} von ${of} Einträgen geprüft`,
      beginning: 'Die Prüfung beginnt',
      progress: 'Wie weit die Prüfung ist',
      intact: (revision) =>
        `● Unversehrt: Jeder Eintrag bis Revision ${revision} ist, wie er geschrieben wurde, mit seinen Personen und Veröffentlichungen.`,
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
        'Belege, Exporte der Aufzeichnung und Grants sind mit dem neuesten signiert. Belege früherer Schlüssel bleiben prüfbar.',
      none: 'Es gibt noch keinen Schlüssel: Der erste Beleg macht einen.',
      columns: { kid: 'Schlüssel', since: 'Gemacht', retired: 'Abgelöst', x: 'Öffentliche Hälfte' },
      signs: '● signiert',
      rotate: 'Neuen Schlüssel machen',
      sure: 'Der jetzige Schlüssel wird abgelöst und bleibt veröffentlicht. Wer ohne den Dienst prüft, braucht die neue Liste der Schlüssel.',
      yes: 'Machen und den jetzigen ablösen',
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
