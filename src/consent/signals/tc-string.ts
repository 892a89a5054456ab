/**
 * TC strings of the IAB Transparency and Consent Framework (version 2; IAB Tech Lab, "Transparency and Consent String
 * with Global Vendor & CMP List Formats", section "TC String Format"), as text and as parsed.
 *
 * The library decodes only the fixed-length part of the core segment: it expands every range of vendors, so that a text
 * of some hundred characters could block the process for minutes. Here vendors and restrictions are counted, not
 * expanded.
 */
import { Base64Url, GVL, Segment, TCModel, TCString } from '@iabtcf/core';
import { DomainError } from '../../errors.js';
import { DAY_MS } from '../../time.js';

/** Maximum characters of a TC string. */
export const MOST_CHARACTERS = 16_384;

/** The parts of a TC string that are used here. */
export type TcString = {
  /** When the user first and last said it, in milliseconds since the Unix epoch; the framework gives only the day. */
  readonly created: number;
  readonly lastUpdated: number;
  /** Version of the framework's policies; 5 belongs to TCF 2.3. */
  readonly policyVersion: number;
  /** TCF purposes that the user consented to. */
  readonly consents: ReadonlySet<number>;
  /** TCF purposes that were explained as a legitimate interest, and that the user did not object to. */
  readonly legitimateInterests: ReadonlySet<number>;
  /** Whether the user was not asked about purpose 1: its bit is then no answer. */
  readonly purposeOneTreatment: boolean;
  /** How many special features the user opted in to. */
  readonly specialFeatures: number;
  /** How many vendors the user consented to, and how many may claim a legitimate interest. */
  readonly vendorConsents: number;
  readonly vendorLegitimateInterests: number;
  readonly publisherRestrictions: number;
  /** Segments besides the core. */
  readonly segments: ReadonlySet<number>;
  /** How many purposes of the publisher's own it has. */
  readonly customPurposes: number;
};

/** Types of segments. */
export const DISCLOSED_VENDORS = 1;
const PUBLISHER_TC = 3;

/** Where the fields of fixed length end in the core segment, after the publisher's country. */
const FIXED_BITS = 213;
/** No vendor consents (an empty field), no vendor legitimate interests, no restrictions. */
const NOTHING_MORE = '0'.repeat(17 + 17 + 12);
const VERSION_BITS = 6;
const SEGMENT_TYPE_BITS = 3;
const ID_BITS = 16;
const COUNT_BITS = 12;
/** A purpose and the type of a restriction. */
const RESTRICTION_BITS = 6 + 2;
/** Publisher consents and legitimate interests, for up to 24 purposes each. */
const PUBLISHER_BITS = 24 + 24;
const CUSTOM_COUNT_BITS = 6;

/** @throws DomainError `invalid_request` when the text is no TC string of version 2 */
export function readTcString(text: string): TcString {
  const [core = '', ...others] = text.split('.');
  const bits = bitsOf(core);
  const version = bits.take(VERSION_BITS);
  if (version !== 2)
    throw malformed(`it is of version ${version}; only strings of version 2 (TCF 2.0 and later) are read`);
  const model = fixedPartOf(core);
  bits.skip(FIXED_BITS - VERSION_BITS);
  const vendorConsents = countVendors(bits);
  const vendorLegitimateInterests = countVendors(bits);
  const publisherRestrictions = countRestrictions(bits);
  const segments = new Set<number>();
  let customPurposes = 0;
  for (const segment of others.map(bitsOf)) {
    const type = segment.take(SEGMENT_TYPE_BITS);
    if (type === 0 || segments.has(type)) throw malformed('it has a segment twice');
    segments.add(type);
    if (type === PUBLISHER_TC) {
      segment.skip(PUBLISHER_BITS);
      customPurposes = segment.take(CUSTOM_COUNT_BITS);
    } else if (type < PUBLISHER_TC) countVendors(segment);
  }
  return {
    created: model.created.getTime(),
    lastUpdated: model.lastUpdated.getTime(),
    policyVersion: Number(model.policyVersion),
    consents: new Set(model.purposeConsents.values()),
    legitimateInterests: new Set(model.purposeLegitimateInterests.values()),
    purposeOneTreatment: model.purposeOneTreatment,
    specialFeatures: model.specialFeatureOptins.size,
    vendorConsents,
    vendorLegitimateInterests,
    publisherRestrictions,
    segments,
    customPurposes,
  };
}

/** The publication of version 2 by IAB Tech Lab: no string is older. */
const FIRST_DAY = Date.UTC(2019, 7, 21);

/**
 * When the user last updated the string; `undefined`: its time is impossible.
 *
 * @param now milliseconds since the Unix epoch; a platform's time zone may be ahead of ours
 */
export function saidAtIn({ created, lastUpdated }: TcString, now: number): number | undefined {
  return created >= FIRST_DAY && lastUpdated >= created && lastUpdated <= now + DAY_MS
    ? lastUpdated
    : undefined;
}

/** The content of a TC string to write. */
export type TcContent = {
  readonly consents: Iterable<number>;
  readonly legitimateInterests: Iterable<number>;
};

/** Version of this writer, for the framework's `CmpVersion`. */
const CMP_VERSION = 1;
/** The framework's policies of TCF 2.3, which made the segment of disclosed vendors mandatory. */
export const POLICY_VERSION = 5;

/**
 * A TC string of TCF 2.3 with these purposes, and no disclosed vendor.
 *
 * @param cmpId the id that IAB Europe gave the consent management platform, 2 to 4095
 * @param at when it is said, in milliseconds since the Unix epoch; the string says the day, in UTC
 */
export function writeTcString(content: TcContent, cmpId: number, at: number): string {
  const model = new TCModel(noVendors());
  model.cmpId = cmpId;
  model.cmpVersion = CMP_VERSION;
  model.isServiceSpecific = true;
  model.created = new Date(at - (at % DAY_MS));
  model.lastUpdated = model.created;
  model.purposeConsents.set([...content.consents]);
  model.purposeLegitimateInterests.set([...content.legitimateInterests]);
  return TCString.encode(model, { segments: [Segment.CORE, Segment.VENDORS_DISCLOSED] });
}

/** The library writes no string without a vendor list; this one is empty, and nothing is fetched. */
function noVendors(): GVL {
  return new GVL({
    gvlSpecificationVersion: 3,
    vendorListVersion: 0,
    tcfPolicyVersion: POLICY_VERSION,
    lastUpdated: new Date(0),
    purposes: {},
    specialPurposes: {},
    features: {},
    specialFeatures: {},
    stacks: {},
    vendors: {},
  });
}

/** The fixed-length fields, decoded by the library. */
function fixedPartOf(core: string): TCModel {
  try {
    const fixed = Base64Url.decode(core).slice(0, FIXED_BITS);
    if (fixed.length < FIXED_BITS) throw malformed(CUT_SHORT);
    return TCString.decode(Base64Url.encode(fixed + NOTHING_MORE));
  } catch (error) {
    throw error instanceof DomainError
      ? error
      : malformed('one of its fields has a value that none can have');
  }
}

const CUT_SHORT = 'it is cut short';

/** Bits that are read from left to right. */
class BitReader {
  private at = 0;

  constructor(private readonly bits: string) {}

  /** The next bits as a number. */
  take(count: number): number {
    return Number.parseInt(this.skip(count), 2);
  }

  skip(count: number): string {
    const taken = this.bits.slice(this.at, this.at + count);
    if (taken.length < count) throw malformed(CUT_SHORT);
    this.at += count;
    return taken;
  }
}

function bitsOf(segment: string): BitReader {
  if (!/^[\w-]+$/.test(segment)) throw malformed('it has a part that is not base64url');
  return new BitReader(Base64Url.decode(segment));
}

/** Skips a vendor section, a bit field or ranges. @returns how many vendors it names */
function countVendors(bits: BitReader): number {
  const most = bits.take(ID_BITS);
  if (bits.take(1) === 0) return bits.skip(most).replaceAll('0', '').length;
  return countEntries(bits);
}

/** Skips a list of ids and ranges of ids. */
function countEntries(bits: BitReader): number {
  let count = 0;
  for (let left = bits.take(COUNT_BITS); left > 0; left--) {
    const isRange = bits.take(1) === 1;
    const first = bits.take(ID_BITS);
    const last = isRange ? bits.take(ID_BITS) : first;
    if (last < first) throw malformed('it has a range of vendors that ends before it begins');
    count += last - first + 1;
  }
  return count;
}

/** Skips the publisher's restrictions. @returns how many there are */
function countRestrictions(bits: BitReader): number {
  const count = bits.take(COUNT_BITS);
  for (let left = count; left > 0; left--) {
    bits.skip(RESTRICTION_BITS);
    countEntries(bits);
  }
  return count;
}

function malformed(why: string): DomainError {
  return new DomainError(
    'invalid_request',
    `\`tc_string\` is no TC string: ${why}; send the string of the consent management platform as it is`,
    '/tc_string',
  );
}
