/**
 * A consent receipt: what somebody said for a purpose, when, how, to whom, and on which text, as proof (GDPR article
 * 7(1)). JSON-LD by the schemas `dpv-27560:receipt` and `dpv-27560:record` of the W3C Data Privacy Vocabulary 2.3,
 * which carry ISO/IEC TS 27560:2023.
 */
import {
  type ChoiceChange,
  type ConsentEvent,
  NO_NOTICE,
  type SignalChange,
  type UserRecord,
} from '../../decision/consent-event.js';
import {
  type Field,
  type Purpose,
  type Setting,
  regimesHearingGpc,
  settingIn,
  languagesOf,
  noticeOf,
} from '../../decision/policy.js';
import { timeAfter } from '../../decision/duration.js';
import { PERMITTED } from '../../decision/table/table.js';
import { matching } from '../../http/headers/accept-language.js';
import { type Notice, languagesOfNotice, noticeIn } from '../../policy/notices.js';
import { dataOfField, fieldsOpenTo } from '../../policy/open-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import type { Publication } from '../../policy/policy.store.js';
import { timeOf, timeText } from '../../time.js';
import { hasReceipt } from '../log/settlement/event-rules.js';
import { givenAt } from '../log/settlement/lapses.js';
import {
  INVOLVEMENT,
  type Json,
  METHODS,
  type Node,
  PREFIXES,
  PROVENANCE,
  PUBLISHED_EXTENSIONS,
  SPECIAL,
  consentBy,
  is,
  lawsOf,
  legalBases,
  rightTo,
  time,
} from './dpv-terms.js';

/** A receipt as a JSON-LD document. */
export type Receipt = Node;

/** Who answers for the processing (GDPR article 4(7)). */
export type Controller = {
  readonly name: string;
  /** A URL or a `mailto:` address. */
  readonly contact?: string;
};

/** An event that can have a receipt: somebody said something. */
export type Statement = ConsentEvent & { readonly change: ChoiceChange | SignalChange };

/** All data of a receipt. */
export type ReceiptFacts = {
  readonly event: Statement;
  /** The consistency token of its revision. */
  readonly token: string;
  /** The user's record just before the event. */
  readonly subject: UserRecord;
  /** The policy version in force at the event, and its publication. */
  readonly version: PolicyVersion;
  readonly publication: Publication;
  readonly controller: Controller;
  /** Base URL of the service, without a trailing slash. */
  readonly base: string;
  /** A UUID: names this receipt, not the event. */
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly issuedAt: number;
};

/** Whether an event gets a receipt. */
export function isStatement(event: ConsentEvent): event is Statement {
  return hasReceipt(event);
}

/** The receipt of an event. What it says about the event is the same each time; its id and time of issue are not. */
export function receiptOf(facts: ReceiptFacts): Receipt {
  const { base, id, issuedAt, controller } = facts;
  return {
    // `assent` is for what the vocabulary has no term for; docs/receipts.md explains each
    '@context': { ...PREFIXES, assent: `${base}/vocabulary#` },
    '@id': `urn:uuid:${id}`,
    '@type': 'dpv:ConsentReceipt',
    'dct:identifier': id,
    'dpv:hasIdentifier': id,
    'dct:conformsTo': is('dpv-27560:receipt'),
    'dct:created': time(issuedAt),
    'dct:issued': time(issuedAt),
    'dct:publisher': controllerRef(base),
    'schema:recipient': is('dpv:DataSubject'),
    'dpv:hasEntity': controllerNode(controller, base),
    'dpv:hasRecordOfActivity': purposesOf(facts).map((purpose) => recordOf(facts, purpose)),
  };
}

/** When a receipt was issued, in milliseconds since the Unix epoch; `undefined` when it does not say. */
export function issuedAtOf(receipt: object): number | undefined {
  const created: unknown = Reflect.get(receipt, 'dct:created');
  if (typeof created !== 'object' || created === null || !('@value' in created)) return undefined;
  const value = created['@value'];
  if (typeof value !== 'string') return undefined;
  const at = timeOf(value);
  // only one way to write a time, so that nobody misreads it
  return at === undefined || timeText(at) !== value ? undefined : at;
}

/** The subject: the purpose of a choice, or those of a signal. */
function purposesOf({ event: { change }, version }: ReceiptFacts): readonly string[] {
  return change.kind === 'choice' ? [change.purpose] : version.document.overlays.gpc.opt_out;
}

function recordOf(facts: ReceiptFacts, id: string): Node {
  const { event, token, subject, version, publication, base } = facts;
  const purpose = version.document.purposes.find((one) => one.id === id);
  const address = `${base}/v1/users/${encodeURIComponent(event.user)}`;
  const regime = version.regimeOf(subject.region);
  const laws = lawsOf(subject.region);
  return {
    '@id': `${address}/receipts/${token}#${encodeURIComponent(id)}`,
    '@type': 'dpv:ConsentRecord',
    'dct:identifier': `${address}/receipts/${token}#${encodeURIComponent(id)}`,
    'dct:conformsTo': is('dpv-27560:record'),
    'dct:created': time(event.at),
    'dpv:hasDataSubject': {
      '@id': address,
      '@type': 'dpv:DataSubject',
      'dct:identifier': event.user,
      'dpv:hasIdentifier': event.user,
    },
    'dpv:hasDataController': controllerRef(base),
    'dpv:hasJurisdiction': jurisdictionOf(facts),
    'dpv:hasApplicableLaw':
      laws.length > 0 ? laws.map(is) : { '@type': 'dpv:Law', 'dct:title': titleOf(version, regime) },
    'dpv:hasNotice': noticeNode(facts, id, purpose),
    'dpv:hasProcess': processNode(facts, id, purpose),
    'dpv:hasConsentStatus': statusNode(facts, id, purpose),
    'assent:event': token,
    'assent:revision': event.revision,
    'assent:regime': regime,
    'assent:policyVersion': version.id,
    'assent:publication': publication.sequence,
  };
}

function processNode(facts: ReceiptFacts, id: string, purpose: Purpose | undefined): Node {
  const { event, version, subject, base } = facts;
  const setting = settingOf(version, purpose, subject);
  const exercised = { '@id': `${base}/v1/users/me/choices/${encodeURIComponent(id)}` };
  const isGdpr = lawsOf(subject.region).some((law) => law === 'legal-eu:law-GDPR');
  return {
    '@type': 'dpv:Process',
    'dpv:hasPurpose': {
      '@type': 'dpv:Purpose',
      'dct:identifier': id,
      'dct:title': purpose?.title ?? id,
      ...(purpose === undefined
        ? {}
        : { 'dct:description': purpose.description, 'skos:broader': is(`dpv:${purpose.dpv}`) }),
    },
    'dpv:hasProcessing':
      purpose?.processing === undefined
        ? is('dpv:Use')
        : { '@id': `${PUBLISHED_EXTENSIONS}${purpose.processing}` },
    'dpv:hasPersonalData': personalData(version, id, LISTED / purposesOf(facts).length),
    'dpv:hasDataController': controllerRef(base),
    'dpv:hasRecipient': [
      controllerRef(base),
      {
        '@type': 'dpv:Recipient',
        'dct:description': 'others only as far as the description of the purpose names them',
      },
    ],
    'dpv:hasStorageCondition': {
      '@type': ['dpv:StorageCondition', 'dpv:StorageDuration'],
      'dpv:hasDuration': {
        '@type': 'dpv:IndeterminateDuration',
        'dct:description': 'the policy states no period of storage; its obligations may limit it',
      },
    },
    'dpv:hasObligation': obligationNodes(version, purpose),
    'dpv:hasLegalBasis': legalBases(setting, event.change, event.via, isGdpr).map(is),
    'dpv:hasEntityInvolvement': INVOLVEMENT[setting].map(is),
    'dpv:hasConsentControl': {
      '@type': ['dpv:ProvideConsent', 'dpv:WithdrawConsent'],
      'dpv:isExercisedAt': exercised,
    },
    'dpv:hasRight': { ...rightTo(setting, isGdpr), 'dpv:isExercisedAt': exercised },
    'assent:setting': setting,
  };
}

/** The fields that the policy opens to the purpose, by category and provenance. */
function personalData(version: PolicyVersion, id: string, budget: number): Json {
  const open = fieldsOpenTo(version, id);
  if (open.length === 0)
    return {
      '@type': 'dpv:PersonalData',
      'dct:description': 'none: the policy opens no field to the purpose',
    };
  const groups = new Map<string, Field[]>();
  for (const field of open) {
    const { categories, provenance } = dataOfField(version, field);
    const kind = `${categories.toSorted().join()} ${provenance} ${field.special_category === true}`;
    groups.set(kind, [...(groups.get(kind) ?? []), field]);
  }
  const isListed = open.reduce((length, field) => length + field.id.length, 0) <= budget;
  return [...groups.values()].flatMap((fields) => groupNode(version, fields, isListed));
}

/** @param fields of the same categories and provenance */
function groupNode(version: PolicyVersion, fields: readonly Field[], isListed: boolean): Node[] {
  const [first] = fields;
  if (first === undefined) return [];
  const { categories, provenance } = dataOfField(version, first);
  const { kind, source, processing } = PROVENANCE[provenance];
  return [
    {
      '@type': 'dpv:PersonalData',
      'skos:broader': [kind, ...(first.special_category === true ? [SPECIAL] : [])].map(is),
      'dpv:hasDataSource': { '@type': source, 'dpv:hasProcessing': is(processing) },
      'assent:category': categories.length === 1 ? categories.join() : [...categories],
      'assent:fieldCount': fields.length,
      ...(isListed ? { 'assent:field': fields.map(({ id }) => id) } : {}),
    },
  ];
}

/**
 * Maximum characters of field ids in a receipt, so that it stays short enough to be verified. Beyond that fields are
 * only counted; the policy version names them.
 */
const LISTED = 12_000;

function obligationNodes({ document }: PolicyVersion, purpose: Purpose | undefined): Node[] {
  return document.obligations
    .filter(({ id }) => purpose?.obligations?.includes(id) === true)
    .map(({ id, description }) => ({
      '@type': 'dpv:Obligation',
      'dct:identifier': id,
      'dct:description': description.trim(),
    }));
}

/** The text that the user decided on: that of the version in force, in the language in which they were shown it. */
function noticeNode(
  { event, version, publication, base }: ReceiptFacts,
  id: string,
  purpose: Purpose | undefined,
): Node {
  const { change } = event;
  const shown = change.kind === 'choice' ? change.notice : NO_NOTICE;
  const languages = languagesOf(version.document);
  const language = event.language === undefined ? undefined : matching(event.language, languages);
  const address = `${base}/v1/notices/${encodeURIComponent(id)}`;
  const text =
    purpose === undefined || language === undefined ? undefined : noticeIn(version, purpose, language);
  const query = `policy=${version.id}${language === undefined ? '' : `&language=${language}`}`;
  return {
    // without its own notice, nothing was shown that asked for consent
    '@type': shown === NO_NOTICE ? 'dpv:Notice' : 'dpv:ConsentNotice',
    'dct:language': languageShown(event.language, text),
    // there is no text for a purpose that the policy does not name
    'dct:source': { '@id': purpose === undefined ? `${address}/versions` : `${address}?${query}` },
    'dct:issued': time(publication.at),
    ...(shown === NO_NOTICE ? {} : { 'assent:noticeVersion': shown }),
    ...(purpose === undefined
      ? {}
      : {
          'assent:noticeInForce': noticeOf(purpose),
          'assent:noticeHash': (text === undefined
            ? languages.map((one) => noticeIn(version, purpose, one))
            : [text]
          ).map(({ hash }) => hash),
        }),
  };
}

/** The languages of what was shown: also that of texts which stood in for missing translations. */
function languageShown(said: string | undefined, text: Notice | undefined): string | string[] {
  if (said === undefined) return UNKNOWN_LANGUAGE;
  if (text === undefined) return said;
  const [one = said, ...others] = languagesOfNotice(text).map((each) =>
    each === text.language ? said : each,
  );
  return others.length === 0 ? one : [one, ...others];
}

/** ISO 639-2, section 4.1.3: undetermined. */
const UNKNOWN_LANGUAGE = 'und';

function statusNode(facts: ReceiptFacts, id: string, purpose: Purpose | undefined): Node {
  const { event, subject, version, base } = facts;
  const { change } = event;
  const status = statusOf(facts, id);
  const isConsent =
    status === 'dpv:ConsentGiven' || status === 'dpv:RenewedConsentGiven'
      ? settingOf(version, purpose, subject) === 'opt_in'
      : false;
  return {
    '@type': isConsent ? [status, consentBy(event.via)] : status,
    'dpv:isIndicatedBy': event.by.kind === 'engine' ? controllerRef(base) : is('dpv:DataSubject'),
    ...(event.by.kind === 'service'
      ? { 'dpv:isImplementedByEntity': { '@type': 'dpv:Entity', 'dct:identifier': event.by.id } }
      : {}),
    'dpv:hasIndicationMethod': methodOf(event),
    'dpv:isIndicatedAtTime': time(event.saidAt ?? event.at),
    'dpv:hasDuration': durationOf(facts, purpose),
    'assent:via': event.via,
    'assent:recordedAt': time(event.at),
    ...(change.kind === 'choice'
      ? { 'assent:choice': change.choice, 'assent:withSignal': change.signal }
      : {
          'assent:signal': change.signal,
          'assent:withdrawn': change.withdrawn === true,
          'assent:countsInRegime': counts(facts),
        }),
  };
}

type Status =
  | 'dpv:ConsentGiven'
  | 'dpv:RenewedConsentGiven'
  | 'dpv:ConsentRefused'
  | 'dpv:ConsentWithdrawn'
  | 'dpv:ConsentExpired'
  | 'dpv:ConsentUnknown';

function statusOf(facts: ReceiptFacts, id: string): Status {
  const { event, subject, version } = facts;
  const { change } = event;
  const said = subject.choices.get(id);
  if (change.kind === 'choice' && change.choice === 'granted')
    return said?.choice === 'granted' && said.notice !== NO_NOTICE
      ? 'dpv:RenewedConsentGiven'
      : 'dpv:ConsentGiven';
  if (change.kind === 'signal' && change.withdrawn === true) return 'dpv:ConsentUnknown';
  if (event.via === 'expiry' || event.via === 'lapse') return 'dpv:ConsentExpired';
  if (change.kind === 'signal' && !counts(facts)) return 'dpv:ConsentRefused';
  // a denial that was taken back
  if (change.kind === 'choice' && change.choice === 'none' && said?.choice !== 'granted')
    return 'dpv:ConsentUnknown';
  const place = version.table.purposeIndex(id);
  const wasOn = place !== undefined && version.table.consentOf(subject)(place) === PERMITTED;
  return said?.choice === 'granted' || wasOn ? 'dpv:ConsentWithdrawn' : 'dpv:ConsentRefused';
}

/** Whether a signal opts out where the user lives; otherwise it is kept, and counts if they move. */
function counts({ subject, version }: ReceiptFacts): boolean {
  return regimesHearingGpc(version.document).includes(version.regimeInDecisions(subject.region));
}

function methodOf({ by, via }: Statement): string {
  return by.kind === 'service' && via === 'settings'
    ? `choice that the service ${by.id} recorded for the user`
    : METHODS[via];
}

function durationOf({ event, subject, version }: ReceiptFacts, purpose: Purpose | undefined): Node {
  const { change } = event;
  const lapse =
    change.kind === 'choice' && change.choice === 'granted'
      ? purpose?.lapses_after?.[version.regimeOf(subject.region)]
      : undefined;
  const until = Math.min(
    (change.kind === 'choice' ? change.until : undefined) ?? Infinity,
    lapse === undefined ? Infinity : timeAfter(givenAt(event), lapse),
  );
  if (until < Infinity) return { '@type': 'dpv:UntilTimeDuration', 'rdf:value': time(until) };
  return { '@type': 'dpv:UntilEventDuration', 'rdf:value': 'the user says otherwise' };
}

/** The country by its term; a part of it has none for all parts, so it is named below its country. */
function jurisdictionOf({ subject: { region }, version }: ReceiptFacts): Node {
  if (region === null)
    return {
      '@type': 'dpv:Location',
      'dct:description': `not known: read as ${titleOf(version, version.regimeOf(null))}`,
    };
  const country = is(`loc:${region.slice(0, 2)}`);
  return region.length === 2
    ? country
    : { '@type': 'dpv:Location', 'dct:identifier': region, 'skos:broader': country };
}

function titleOf({ document }: PolicyVersion, regime: string): string {
  return document.regimes.find(({ id }) => id === regime)?.title ?? regime;
}

function settingOf(version: PolicyVersion, purpose: Purpose | undefined, subject: UserRecord): Setting {
  return purpose === undefined
    ? 'never'
    : settingIn(version.document, purpose, version.regimeOf(subject.region));
}

function controllerRef(base: string): Node {
  return { '@id': `${base}#controller` };
}

function controllerNode({ name, contact }: Controller, base: string): Node {
  const reached = contact ?? base;
  return {
    ...controllerRef(base),
    '@type': 'dpv:DataController',
    'dpv:hasName': name,
    'dpv:hasIdentifier': `${base}#controller`,
    'schema:contactPoint': {
      '@type': 'schema:ContactPoint',
      ...(reached.startsWith('mailto:')
        ? { 'schema:email': reached.slice('mailto:'.length) }
        : { 'schema:url': { '@id': reached } }),
    },
  };
}
