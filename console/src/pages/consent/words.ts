/** The words of where users stand. */
import { inEach } from '../../words/words.js';

const number = { en: new Intl.NumberFormat('en'), de: new Intl.NumberFormat('de') };

export const CONSENT = inEach(
  {
    title: 'Where people stand',
    purpose: 'Purpose',
    regime: 'Law where people live',
    everywhere: 'all',
    unknownRegime: 'region not known',
    days: 'Time',
    daysOf: { '1': 'today', '7': '7 days', '30': '30 days', '90': '90 days', '366': 'a year' },
    small: (minimum: string) =>
      `Numbers are rounded to multiples of ${minimum}. Of fewer people nothing is told, so a number that is missing may be 0 or a few.`,
    part: (share: string) =>
      `${share} of all people are counted here, drawn by chance; the others are counted by their attributes.`,
    off: 'off, and why is not told: too few of a group',
    overTime: {
      title: 'Day by day',
      about:
        'How many people the purpose is on for, and how many have which reason that it is off. Each day (UTC) is counted once.',
      alt: (from: string, to: string) => `People by reason, each day from ${from} to ${to}`,
      none: 'Nothing is told of these days: too few people, or the service did not run.',
      missing: 'A day without a bar was not counted, or has too few people to tell anything of.',
      columns: {
        day: 'Day (UTC)',
        regime: 'Law',
        policy: 'Policy version',
        counted: 'Counted at',
        people: 'People',
      },
    },
    byRegime: {
      title: (day: string) => `By law, on ${day}`,
      about: 'Those of whom something is told. Choose one to see its days.',
      columns: { regime: 'Law', people: 'People', on: 'On', share: 'Share on', drawing: 'Reasons' },
    },
    balance: {
      title: 'Who is in and who is not',
      about: (at: string) =>
        `Those for whom the purpose is on, compared with all people. Off includes people who never agreed. Counted at ${at}.`,
      of: 'By',
      splits: { regime: 'law', age: 'age', both: 'law and age' },
      none: 'Nothing is told: too few people.',
      ages: { minor: 'minor', adult: 'adult', unknown: 'age not known' },
      noValue: 'no value',
      total: (all: string, remaining: string | null, left: string | null) =>
        remaining === null || left === null
          ? `${all} people. For how many of them it is on is not told: it is on for too few, or off for too few.`
          : `${all} people: on for ${remaining}, off for ${left}.`,
      untold: 'too few to tell',
      tooFew: (names: string) => `Too few people to tell anything, if there are any: ${names}.`,
      divergence: (value: string, low: string, high: string) =>
        `Divergence between those for whom it is on and all: ${value} bits (95 % interval ${low} to ${high}). 0: they are alike; 1: as different as can be.`,
      ratio:
        'Weight: the share among those for whom it is on over the share among all. 1: it makes no difference; 0.5: half as much. The line is the 95 % interval.',
      columns: {
        cohort: 'Group',
        all: 'All',
        remaining: 'On',
        left: 'Off',
        shareAll: 'Share of all',
        shareRemaining: 'Share where it is on',
        ratio: 'Weight',
        interval: '95 % interval',
        drawing: (high: string) => `0 to ${high}`,
      },
      movers: 'Whose share changes most',
      difference: 'Change of the share',
    },
    extracts: {
      title: 'Extracts for training',
      about:
        'What services took of people. Of how many some of it may no longer be read, the erased included, is counted once a day and rounded; who they are is told to the service alone, which must leave them out before each training.',
      none: 'Nothing was taken for training.',
      columns: {
        id: 'Extract',
        client: 'Client',
        purpose: 'Purpose',
        fields: 'Fields',
        members: 'People in it',
        left: 'May no longer be read',
        opened: 'Opened',
        closed: 'Closed',
        unlearned: 'Left out, as the service says',
      },
      open: '○ open',
      around: (count: string) => `about ${count}`,
      fewer: (minimum: string) => `fewer than ${minimum}`,
      untold: 'too few people to tell',
      never: '△ the service has not said so',
      times: (count: number) => (count === 1 ? 'once,' : `${number.en.format(count)} times, the last time`),
    },
  },
  {
    title: 'Wo die Personen stehen',
    purpose: 'Zweck',
    regime: 'Recht am Wohnort',
    everywhere: 'alle',
    unknownRegime: 'Region nicht bekannt',
    days: 'Zeit',
    daysOf: { '1': 'heute', '7': '7 Tage', '30': '30 Tage', '90': '90 Tage', '366': 'ein Jahr' },
    small: (minimum) =>
      `Zahlen sind auf Vielfache von ${minimum} gerundet. Von weniger Personen wird nichts gesagt: Wo eine Zahl fehlt, können es 0 oder wenige sein.`,
    part: (share) =>
      `${share} aller Personen sind hier gezählt, durch Los bestimmt; die anderen sind nach ihren Merkmalen gezählt.`,
    off: 'ausgeschaltet, und warum, wird nicht gesagt: zu wenige einer Gruppe',
    overTime: {
      title: 'Tag für Tag',
      about:
        'Für wie viele Personen der Zweck eingeschaltet ist, und wie viele welchen Grund haben, dass er ausgeschaltet ist. Jeder Tag (UTC) ist einmal gezählt.',
      alt: (from, to) => `Personen nach Grund, an jedem Tag von ${from} bis ${to}`,
      none: 'Von diesen Tagen wird nichts gesagt: zu wenige Personen, oder der Dienst lief nicht.',
      missing: 'Ein Tag ohne Balken wurde nicht gezählt oder hat zu wenige Personen, um etwas zu sagen.',
      columns: {
        day: 'Tag (UTC)',
        regime: 'Recht',
        policy: 'Version der Richtlinie',
        counted: 'Gezählt um',
        people: 'Personen',
      },
    },
    byRegime: {
      title: (day) => `Nach Recht, am ${day}`,
      about: 'Jene, von denen etwas gesagt wird. Wählen Sie eines, um seine Tage zu sehen.',
      columns: {
        regime: 'Recht',
        people: 'Personen',
        on: 'Eingeschaltet',
        share: 'Anteil eingeschaltet',
        drawing: 'Gründe',
      },
    },
    balance: {
      title: 'Wer dabei ist und wer nicht',
      about: (at) =>
        `Jene, für die der Zweck eingeschaltet ist, verglichen mit allen. Wer nie eingewilligt hat, zählt als ausgeschaltet. Gezählt um ${at}.`,
      of: 'Nach',
      splits: { regime: 'Recht', age: 'Alter', both: 'Recht und Alter' },
      none: 'Es wird nichts gesagt: zu wenige Personen.',
      ages: { minor: 'minderjährig', adult: 'erwachsen', unknown: 'Alter nicht bekannt' },
      noValue: 'kein Wert',
      total: (all, remaining, left) =>
        remaining === null || left === null
          ? `${all} Personen. Für wie viele von ihnen er eingeschaltet ist, wird nicht gesagt: Er ist es für zu wenige oder für zu wenige nicht.`
          : `${all} Personen: für ${remaining} eingeschaltet, für ${left} ausgeschaltet.`,
      untold: 'zu wenige, um es zu sagen',
      tooFew: (names) => `Zu wenige Personen, um etwas zu sagen, falls es welche gibt: ${names}.`,
      divergence: (value, low, high) =>
        `Divergenz zwischen denen, für die er eingeschaltet ist, und allen: ${value} Bit (95-%-Intervall ${low} bis ${high}). 0: Sie gleichen sich; 1: so verschieden wie möglich.`,
      ratio:
        'Gewicht: der Anteil unter denen, für die er eingeschaltet ist, durch den Anteil unter allen. 1: Es macht keinen Unterschied; 0,5: halb so viel. Die Linie ist das 95-%-Intervall.',
      columns: {
        cohort: 'Gruppe',
        all: 'Alle',
        remaining: 'Eingeschaltet',
        left: 'Ausgeschaltet',
        shareAll: 'Anteil an allen',
        shareRemaining: 'Anteil, wo eingeschaltet',
        ratio: 'Gewicht',
        interval: '95-%-Intervall',
        drawing: (high) => `0 bis ${high}`,
      },
      movers: 'Wessen Anteil sich am meisten ändert',
      difference: 'Änderung des Anteils',
    },
    extracts: {
      title: 'Auszüge zum Training',
      about:
        'Was Dienste von Personen entnommen haben. Von wie vielen etwas davon nicht mehr gelesen werden darf, Gelöschte eingeschlossen, wird einmal am Tag gezählt und gerundet; wer sie sind, erfährt der Dienst allein, der sie vor jedem Training auslassen muss.',
      none: 'Es wurde nichts zum Training entnommen.',
      columns: {
        id: 'Auszug',
        client: 'Client',
        purpose: 'Zweck',
        fields: 'Felder',
        members: 'Personen darin',
        left: 'Nicht mehr erlaubt',
        opened: 'Geöffnet',
        closed: 'Geschlossen',
        unlearned: 'Ausgelassen, laut Dienst',
      },
      open: '○ offen',
      around: (count) => `etwa ${count}`,
      fewer: (minimum) => `weniger als ${minimum}`,
      untold: 'zu wenige Personen, um es zu sagen',
      never: '△ der Dienst hat es nicht gesagt',
      times: (count) => (count === 1 ? 'einmal,' : `${number.de.format(count)}-mal, zuletzt`),
    },
  },
);
