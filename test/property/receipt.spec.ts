/** Receipts of everything that anybody can say, held to the vocabulary and the profile that they say they follow. */
import { readFile } from 'node:fs/promises';
import jsonld from 'jsonld';
import { describe, expect, it } from 'vitest';
import { type Receipt, type Statement, issuedAtOf, receiptOf } from '../../src/consent/receipts/receipt.js';
import { MAX_JWS } from '../../src/consent/receipts/receipt-verification.js';
import {
  CHOICES,
  type ChangedBy,
  type ChoiceChange,
  EMPTY_RECORD,
  type RecordedChoice,
  type SignalChange,
  type UserRecord,
  WAYS,
  type Way,
} from '../../src/decision/consent-event.js';
import { PROVENANCES } from '../../src/decision/policy.js';
import { VOCABULARY } from '../../src/consent/receipts/vocabulary.js';
import { noticeIn } from '../../src/policy/notices.js';
import { listAt, textAt, valueAt } from '../e2e/replies.js';
import { REFERENCE as document } from '../reference-policy.js';
import { policiesOn } from '../at-once.js';

const BASE = 'https://consent.example';
const AT = Date.UTC(2026, 10, 23, 12);
const DPV = 'https://w3id.org/dpv';
const LOC = `${DPV}/loc#`;

const vocabulary: unknown = JSON.parse(
  await readFile(new URL('dpv-2.3-terms.json', import.meta.url), 'utf8'),
);
const terms = new Set(listAt(vocabulary, 'terms'));
const countries = new Set(listAt(vocabulary, 'countries'));
/** What receipts use of other vocabularies: DCMI Terms, Schema.org, SKOS and RDF, as the guide of the profile does. */
const OTHERS = new Set([
  ...['identifier', 'conformsTo', 'created', 'issued', 'publisher', 'title', 'description'].map(dct),
  ...['language', 'source'].map(dct),
  ...['recipient', 'contactPoint', 'ContactPoint', 'email', 'url'].map(
    (name) => `https://schema.org/${name}`,
  ),
  'http://www.w3.org/2004/02/skos/core#broader',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#value',
  'http://www.w3.org/2001/XMLSchema#dateTime',
]);

function dct(name: string): string {
  return `http://purl.org/dc/terms/${name}`;
}

const version = policiesOn(document).current;
const PUBLICATION = {
  sequence: 3,
  version: version.id,
  after: 7,
  by: 'ann',
  at: AT - 1_000,
  draft: null,
  approvals: [],
};
const REVISION = 9;
const TOKEN = 'the-token-of-9';
const USER = 'u-1/ü';
const REGIONS = ['DE', 'CH', 'AX', 'GB', 'GG', 'CA', 'HK', 'US-CA', 'US-NY', 'BR', 'BR-SP', null];

type Said = {
  readonly change: ChoiceChange | SignalChange;
  readonly via?: Way;
  readonly region?: string | null;
  readonly before?: RecordedChoice;
  readonly by?: ChangedBy;
  readonly language?: string;
  readonly saidAt?: number;
};

function choiceOf(purpose: string, choice: ChoiceChange['choice'], notice = 0): ChoiceChange {
  return { kind: 'choice', purpose, choice, notice, signal: false };
}

/** The receipt of an adult who says something. */
function receipt(
  { change, via = 'settings', region = 'DE', before, by, ...said }: Said,
  policy = version,
): Receipt {
  const event: Statement = {
    revision: REVISION,
    subject: 1,
    user: USER,
    by: by ?? { kind: via === 'expiry' ? 'engine' : 'user', id: USER },
    at: AT,
    via,
    ...said,
    change,
  };
  const purpose = change.kind === 'choice' ? change.purpose : 'none';
  const subject: UserRecord = {
    ...EMPTY_RECORD,
    registered: true,
    region,
    ageBand: 'adult',
    choices: new Map(before === undefined ? [] : [[purpose, before]]),
  };
  return receiptOf({
    event,
    token: TOKEN,
    subject,
    version: policy,
    publication: PUBLICATION,
    controller: { name: 'Example', contact: 'mailto:privacy@consent.example' },
    base: BASE,
    id: '5b0f3f5e-4f0b-4d6e-9d54-6d6f5f6f1a11',
    issuedAt: AT + 5,
  });
}

function* everything(): Generator<{ readonly named: string; readonly receipt: Receipt }> {
  const befores = [undefined, { choice: 'granted', notice: 1, signal: false } as const];
  const regions = [...REGIONS.entries()];
  let turn = 0;
  for (const { id } of document.purposes)
    for (const choice of CHOICES)
      for (const via of WAYS)
        for (const before of befores) {
          // every purpose in every region over its choices and ways, a few regions each time
          const [, region = null] = regions[turn++ % regions.length] ?? [];
          const change = choiceOf(id, choice, choice === 'granted' ? 1 : 0);
          yield {
            named: [id, choice, via, region, before?.choice].join(' '),
            receipt: receipt({ change, via, region, ...(before === undefined ? {} : { before }) }),
          };
        }
  for (const region of REGIONS)
    yield {
      named: `gpc ${region}`,
      receipt: receipt({ change: { kind: 'signal', signal: 'gpc' }, via: 'gpc', region }),
    };
  const timed = { ...choiceOf('ads.inferred', 'granted', 1), until: AT + 1_000 };
  yield {
    named: 'a grant for a time, on behalf',
    receipt: receipt({ change: timed, by: { kind: 'service', id: 'accounts' }, language: 'de' }),
  };
  yield {
    named: 'a purpose that the policy does not name',
    receipt: receipt({ change: choiceOf('gone', 'denied') }),
  };
}

async function expand(document: object): Promise<unknown> {
  const [expanded, ...others] = await jsonld.expand(document, {
    safe: true,
    documentLoader: () => Promise.reject(new Error('a receipt needs nothing from the network')),
  });
  expect(others).toEqual([]);
  return expanded;
}

/** Every IRI of an expanded document that stands for a term: names, types and what they point to. */
function* irisIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(value) && !name.startsWith('@')) yield name;
    if (name === '@id' && typeof member === 'string') yield member;
    if (name === '@type') for (const type of [member].flat()) yield String(type);
    yield* irisIn(member);
  }
}

function isKnown(iri: string): boolean {
  if (iri.startsWith(LOC)) return countries.has(iri.slice(LOC.length));
  if (iri.startsWith(DPV)) return terms.has(iri);
  return (
    OTHERS.has(iri) || iri.startsWith(`${BASE}/`) || iri.startsWith(`${BASE}#`) || iri.startsWith('urn:uuid:')
  );
}

/** The fields that the guide of the profile (sections 8 and 9) says must be present, and where. */
const MANDATORY = {
  receipt: [
    dct('conformsTo'),
    `${DPV}#hasIdentifier`,
    dct('created'),
    `${DPV}#hasRecordOfActivity`,
    `${DPV}#hasEntity`,
  ],
  record: [
    dct('conformsTo'),
    dct('identifier'),
    `${DPV}#hasDataSubject`,
    `${DPV}#hasNotice`,
    `${DPV}#hasProcess`,
    `${DPV}#hasJurisdiction`,
    `${DPV}#hasConsentStatus`,
  ],
  notice: [dct('language')],
  process: [
    'hasPurpose',
    'hasPersonalData',
    'hasStorageCondition',
    'hasDataController',
    'hasRecipient',
    'hasConsentControl',
    'hasRight',
    'hasLegalBasis',
  ].map((name) => `${DPV}#${name}`),
  status: ['isIndicatedAtTime', 'isIndicatedBy', 'hasDuration'].map((name) => `${DPV}#${name}`),
  entity: [`${DPV}#hasName`, `${DPV}#hasIdentifier`, 'https://schema.org/contactPoint'],
} as const;

function missingIn(expanded: unknown): string[] {
  const missing: string[] = [];
  const look = (place: keyof typeof MANDATORY, node: unknown) => {
    for (const field of MANDATORY[place]) {
      const values = valueAt(node, field);
      if (!Array.isArray(values) || values.length === 0) missing.push(`${place} ${field}`);
    }
  };
  look('receipt', expanded);
  for (const entity of listAt(expanded, `${DPV}#hasEntity`)) look('entity', entity);
  for (const record of listAt(expanded, `${DPV}#hasRecordOfActivity`)) {
    look('record', record);
    for (const notice of listAt(record, `${DPV}#hasNotice`)) look('notice', notice);
    for (const process of listAt(record, `${DPV}#hasProcess`)) look('process', process);
    for (const status of listAt(record, `${DPV}#hasConsentStatus`)) look('status', status);
  }
  return missing;
}

/** The one record of a receipt of a choice. */
function recordIn(said: Receipt): unknown {
  return valueAt(said, 'dpv:hasRecordOfActivity', 0);
}

function statusIn(said: Receipt): string[] {
  return [valueAt(recordIn(said), 'dpv:hasConsentStatus', '@type')].flat().map(String);
}

describe('every receipt', () => {
  it('uses only terms that the vocabulary has, and all that the profile wants', async () => {
    const countriesSeen = new Set<string>();
    let count = 0;
    for (const { named, receipt } of everything()) {
      const expanded = await expand(receipt);
      const iris = [...irisIn(expanded)];
      expect(
        iris.filter((iri) => !isKnown(iri)),
        named,
      ).toEqual([]);
      expect(missingIn(expanded), named).toEqual([]);
      for (const iri of iris) if (iri.startsWith(LOC)) countriesSeen.add(iri);
      count++;
    }
    expect(count).toBeGreaterThan(document.purposes.length * CHOICES.length * WAYS.length);
    expect(countriesSeen.size).toBe(new Set(REGIONS.map((region) => region?.slice(0, 2))).size - 1);
  }, 600_000);

  it('is short enough to be verified', () => {
    for (const { named, receipt } of everything())
      expect(Math.ceil((JSON.stringify(receipt).length * 4) / 3) + 300, named).toBeLessThan(MAX_JWS / 2);
  });

  it('says when it was issued in one way that is read again', () => {
    const issued = receipt({ change: choiceOf('improve', 'denied') });
    expect(issuedAtOf(issued)).toBe(AT + 5);
    for (const value of ['2026-11-23', '2026-11-23T12:00:00Z', 'soon', 5, null])
      expect(issuedAtOf({ 'dct:created': { '@value': value } })).toBeUndefined();
    for (const created of [undefined, null, 'soon', {}])
      expect(issuedAtOf({ 'dct:created': created })).toBeUndefined();
  });
});

describe('what is checked above', () => {
  it('would find a term that is not there, and a field that is missing', async () => {
    const sound = receipt({ change: choiceOf('improve', 'denied') });
    const made = await expand({ ...sound, 'dpv:isAgreedBy': { '@id': 'loc:QQ' } });
    expect([...irisIn(made)].filter((iri) => !isKnown(iri))).toEqual([`${DPV}#isAgreedBy`, `${LOC}QQ`]);
    const { 'dct:created': _created, ...lacking } = sound;
    expect(missingIn(await expand(lacking))).toEqual([`receipt ${dct('created')}`]);
  });
});

describe('the status of a consent', () => {
  const granted = { choice: 'granted', notice: 1, signal: false } as const;
  const denied = { choice: 'denied', notice: 0, signal: false } as const;
  const IN_EUROPE = 'ads.inferred'; // opt_in there
  const OPT_OUT = 'personalise'; // opt_out everywhere

  it.each<{ readonly named: string; readonly said: Said; readonly status: string[] }>([
    {
      named: 'a first grant where consent is needed',
      said: { change: choiceOf(IN_EUROPE, 'granted', 1) },
      status: ['dpv:ConsentGiven', 'dpv:ExplicitlyExpressedConsent'],
    },
    {
      named: 'a grant by a TCF string, which may say many things at once',
      said: { change: choiceOf(IN_EUROPE, 'granted', 1), via: 'tcf' },
      status: ['dpv:ConsentGiven', 'dpv:ExpressedConsent'],
    },
    {
      named: 'a grant on newer terms',
      said: { change: choiceOf(IN_EUROPE, 'granted', 2), before: granted },
      status: ['dpv:RenewedConsentGiven', 'dpv:ExplicitlyExpressedConsent'],
    },
    {
      named: 'a grant where no consent is needed',
      said: { change: choiceOf(OPT_OUT, 'granted') },
      status: ['dpv:ConsentGiven'],
    },
    {
      named: 'a no to what was never granted',
      said: { change: choiceOf(IN_EUROPE, 'denied') },
      status: ['dpv:ConsentRefused'],
    },
    {
      named: 'a no after a grant',
      said: { change: choiceOf(IN_EUROPE, 'denied'), before: granted },
      status: ['dpv:ConsentWithdrawn'],
    },
    {
      named: 'an objection to what was on',
      said: { change: choiceOf(OPT_OUT, 'denied') },
      status: ['dpv:ConsentWithdrawn'],
    },
    {
      named: 'an objection once more',
      said: { change: choiceOf(OPT_OUT, 'denied'), before: denied },
      status: ['dpv:ConsentRefused'],
    },
    {
      named: 'the end of the time of a grant',
      said: { change: choiceOf(IN_EUROPE, 'denied'), via: 'expiry', before: granted },
      status: ['dpv:ConsentExpired'],
    },
  ])('is that of $named', ({ said, status }) => {
    expect(statusIn(receipt(said))).toEqual(status);
  });

  it('of a signal is a withdrawal of what it closes where the user lives, and a refusal elsewhere', () => {
    const statusOf = (region: string) =>
      listAt(
        receipt({ change: { kind: 'signal', signal: 'gpc' }, via: 'gpc', region }),
        'dpv:hasRecordOfActivity',
      ).map((record) => ({
        purpose: textAt(record, 'dpv:hasProcess', 'dpv:hasPurpose', 'dct:identifier'),
        status: textAt(record, 'dpv:hasConsentStatus', '@type'),
        counts: valueAt(record, 'dpv:hasConsentStatus', 'assent:countsInRegime'),
      }));
    const { opt_out } = document.overlays.gpc;
    expect(statusOf('US-CA')).toEqual(
      opt_out.map((purpose) => ({ purpose, status: 'dpv:ConsentWithdrawn', counts: true })),
    );
    expect(statusOf('DE')).toEqual(
      opt_out.map((purpose) => ({ purpose, status: 'dpv:ConsentRefused', counts: false })),
    );
  });
});

describe('a receipt', () => {
  it('names consent as the legal basis only where the purpose needs it', () => {
    for (const { id, settings } of document.purposes)
      for (const [region, regime] of [
        ['DE', 'EU_EEA_CH'],
        ['US-CA', 'US_CA'],
      ] as const) {
        const record = recordIn(receipt({ change: choiceOf(id, 'granted', 1), region }));
        const bases = listAt(record, 'dpv:hasProcess', 'dpv:hasLegalBasis').map((basis) =>
          textAt(basis, '@id'),
        );
        const gdpr = region === 'DE' ? ['eu-gdpr:A6-1-a'] : [];
        expect(bases, `${id} ${region}`).toEqual(
          settings[regime] === 'opt_in' ? ['dpv:ExplicitlyExpressedConsent', ...gdpr] : ['dpv:LegalBasis'],
        );
      }
  });

  it('names the law where the vocabulary has it, and the regime where it has not', () => {
    const lawOf = (region: string | null) =>
      valueAt(recordIn(receipt({ change: choiceOf('improve', 'denied'), region })), 'dpv:hasApplicableLaw');
    expect(lawOf('DE')).toEqual([{ '@id': 'legal-eu:law-GDPR' }]);
    expect(lawOf('GB')).toEqual([{ '@id': 'legal-gb:law-GDPR' }, { '@id': 'legal-gb:law-DPA' }]);
    // Switzerland and Guernsey are treated as their neighbours, and have laws of their own
    for (const [region, title] of [
      ['CH', 'European Union, EEA and Switzerland'],
      ['GG', 'United Kingdom'],
      [null, 'European Union, EEA and Switzerland'],
    ] as const)
      expect(lawOf(region)).toEqual({ '@type': 'dpv:Law', 'dct:title': title });
  });

  it('lists the fields that the purpose may read, by where they come from', () => {
    const seen = new Set<unknown>();
    for (const { id } of document.purposes) {
      const process = valueAt(recordIn(receipt({ change: choiceOf(id, 'denied') })), 'dpv:hasProcess');
      const groups = [valueAt(process, 'dpv:hasPersonalData')].flat();
      const place = version.table.purposeIndex(id) ?? -1;
      const open = document.fields.filter((_field, index) => version.table.isOpen(place, index));
      const listed = groups.flatMap((group) => valueAt(group, 'assent:field') ?? []);
      expect(listed).toHaveLength(open.length);
      expect(new Set(listed)).toEqual(new Set(open.map((field) => field.id)));
      for (const group of groups) seen.add(valueAt(group, 'skos:broader', 0, '@id'));
    }
    expect(seen.size).toBe(PROVENANCES.length);
  });

  it('counts fields that are too many to list', () => {
    const field = document.fields.find(({ id }) => id === 'member.skills');
    if (field === undefined) throw new Error('there is no such field');
    const fields = Array.from({ length: 1_000 }, (_, place) => ({ ...field, id: `member.skill_${place}` }));
    const large = policiesOn({ ...document, fields }).current;
    const made = receipt({ change: choiceOf('ads.personalised', 'denied') }, large);
    expect(valueAt(recordIn(made), 'dpv:hasProcess', 'dpv:hasPersonalData', 0)).toMatchObject({
      'assent:fieldCount': 1_000,
    });
    expect(JSON.stringify(made)).not.toContain('member.skill_');
  });

  it('proves the text that the user decided on, in the language in which they read it', () => {
    const purpose = document.purposes.find(({ id }) => id === 'ads.inferred');
    if (purpose === undefined) throw new Error('there is no such purpose');
    const noticeOf = (language?: string) =>
      valueAt(
        recordIn(
          receipt({
            change: choiceOf(purpose.id, 'granted', 1),
            ...(language === undefined ? {} : { language }),
          }),
        ),
        'dpv:hasNotice',
      );
    const [english, german] = ['en', 'de'].map((language) => noticeIn(version, purpose, language).hash);
    expect(german).not.toBe(english);
    const address = `${BASE}/v1/notices/ads.inferred?policy=${version.id}`;
    expect(noticeOf('de-AT')).toMatchObject({
      '@type': 'dpv:ConsentNotice',
      'dct:language': 'de-AT',
      'dct:source': { '@id': `${address}&language=de` },
      'assent:noticeVersion': 1,
      'assent:noticeHash': [german],
    });
    // which of them it was, nobody said
    expect(noticeOf()).toMatchObject({
      'dct:language': 'und',
      'dct:source': { '@id': address },
      'assent:noticeHash': [english, german],
    });
  });

  it('says of a text that stood in for a missing translation in which language it was', () => {
    const german = document.purposes.find(({ id }) => id === 'ads.inferred')?.translations?.['de'];
    const withGerman = (texts: typeof german) => ({
      ...document,
      purposes: document.purposes.map(({ translations: others, ...one }) => {
        if (one.id !== 'ads.inferred') return others === undefined ? one : { ...one, translations: others };
        return texts === undefined ? one : { ...one, translations: { de: texts } };
      }),
    });
    for (const texts of [undefined, { title: german?.title ?? '' }]) {
      const partial = policiesOn(withGerman(texts)).current;
      const purpose = partial.purposes.get('ads.inferred');
      if (purpose === undefined) throw new Error('there is no such purpose');
      const shown = noticeIn(partial, purpose, 'de');
      expect(shown.description).toBe(purpose.description);
      const made = receipt({ change: choiceOf(purpose.id, 'granted', 1), language: 'de-AT' }, partial);
      expect(valueAt(recordIn(made), 'dpv:hasNotice')).toMatchObject({
        'dct:language': ['de-AT', 'en'],
        'assent:noticeHash': [shown.hash],
      });
    }
  });

  it('uses no term of its own that its vocabulary does not explain', () => {
    const used = new Set<string>();
    for (const { receipt: made } of everything())
      for (const [, name] of JSON.stringify(made).matchAll(/"assent:(\w+)"/g)) used.add(name ?? '');
    expect([...used].toSorted()).toEqual(Object.keys(VOCABULARY).toSorted());
  });

  it('does not say that the user pressed a button which a service pressed for them', () => {
    const methodOf = (by: ChangedBy) =>
      textAt(
        recordIn(receipt({ change: choiceOf('improve', 'denied'), by })),
        'dpv:hasConsentStatus',
        'dpv:hasIndicationMethod',
      );
    expect(methodOf({ kind: 'user', id: USER })).toBe('choice on a settings page');
    expect(methodOf({ kind: 'service', id: 'accounts' })).toBe(
      'choice that the service accounts recorded for the user',
    );
  });

  it('tells what was said from when it was recorded, and by whom from for whom', () => {
    const status = valueAt(
      recordIn(
        receipt({
          change: choiceOf('improve', 'denied'),
          via: 'import',
          saidAt: AT - 86_400_000,
          by: { kind: 'service', id: 'migration' },
        }),
      ),
      'dpv:hasConsentStatus',
    );
    expect(status).toMatchObject({
      'dpv:isIndicatedBy': { '@id': 'dpv:DataSubject' },
      'dpv:isImplementedByEntity': { 'dct:identifier': 'migration' },
      'dpv:isIndicatedAtTime': { '@value': '2026-11-22T12:00:00.000Z' },
      'assent:recordedAt': { '@value': '2026-11-23T12:00:00.000Z' },
      'assent:via': 'import',
    });
  });

  it('says of a time that had come that nobody said it', () => {
    const status = valueAt(
      recordIn(receipt({ change: choiceOf('improve', 'denied'), via: 'expiry' })),
      'dpv:hasConsentStatus',
    );
    expect(status).toMatchObject({ 'dpv:isIndicatedBy': { '@id': `${BASE}#controller` } });
  });

  it('names its event by the token and the number of the revision', () => {
    const record = recordIn(receipt({ change: choiceOf('improve', 'denied') }));
    expect(record).toMatchObject({
      'assent:event': TOKEN,
      'assent:revision': REVISION,
      'dpv:hasDataSubject': { 'dct:identifier': USER },
    });
  });
});
