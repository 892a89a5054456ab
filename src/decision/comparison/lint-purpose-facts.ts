/** Lints about what is said of a purpose for those who answer for it: its law, its owner, its review. */
import { DPV_PURPOSES } from '../dpv-purposes.js';
import { eachQuoted, listOf } from '../lists.js';
import { didYouMean } from '../nearest.js';
import { LEGAL_BASES, type LegalBasis, type PolicyDocument, type Purpose, type Setting } from '../policy.js';
import { type Lint, named } from './lint-codes.js';

/**
 * The settings that a legal basis goes with. Consent is given, and silence is none (GDPR article 4(11), recital 32);
 * implied consent is withdrawn by an objection (PIPEDA, principles 4.3.6 and 4.3.8). What the law or a life demands
 * leaves no choice (GDPR article 6(1)(c) and (d)). To ask for a consent that is not needed misleads (EDPB Guidelines
 * 05/2020, paragraphs 121 to 123).
 */
export const SETTINGS_OF: Readonly<Record<LegalBasis, readonly Setting[]>> = {
  consent: ['opt_in'],
  implied_consent: ['opt_out'],
  contract: ['always', 'opt_out'],
  legal_obligation: ['always'],
  vital_interest: ['always'],
  public_interest: ['always', 'opt_out'],
  legitimate_interest: ['always', 'opt_out'],
  not_required: ['always', 'opt_out', 'opt_in'],
};

/** @param today YYYY-MM-DD */
export function lintPurposeFacts(
  document: PolicyDocument,
  purpose: Purpose,
  today: string,
  path: Lint['path'],
): Lint[] {
  return [
    ...lintVocabulary(purpose, path),
    ...lintBasis(document, purpose, path),
    ...lintRhythm(purpose, today, path),
  ];
}

function lintVocabulary({ id, dpv }: Purpose, path: Lint['path']): Lint[] {
  if (DPV_PURPOSES.has(dpv)) return [];
  const meant = didYouMean(dpv, DPV_PURPOSES, 'name one of https://w3id.org/dpv');
  const message = `\`${id}\` is said to be \`${dpv}\`, which is no purpose of the Data Privacy Vocabulary${meant}`;
  return [{ code: 'dpv_unknown', path: [...path, 'dpv'], message }];
}

/** Where nothing is ever used, nothing needs a basis. */
function lintBasis(
  { regimes }: PolicyDocument,
  { id, settings, legal_basis: bases }: Purpose,
  path: Lint['path'],
): Lint[] {
  const used = regimes.flatMap((regime) => {
    const setting = settings[regime.id];
    return setting === undefined || setting === 'never' ? [] : [{ regime: regime.id, setting }];
  });
  const without = used.filter(({ regime }) => bases?.[regime] === undefined).map(({ regime }) => regime);
  const lints: Lint[] = [];
  if (without.length > 0)
    lints.push({
      code: 'basis_missing',
      path: bases === undefined ? path : [...path, 'legal_basis'],
      message: `no legal basis of \`${id}\` is named in ${named(without)}: name it in \`legal_basis\`, or \`not_required\` where the law asks for none`,
    });
  for (const basis of LEGAL_BASES) {
    const fitting = SETTINGS_OF[basis];
    const contradicted = used.filter(
      ({ regime, setting }) => bases?.[regime] === basis && !fitting.includes(setting),
    );
    const [first] = contradicted;
    if (first === undefined) continue;
    const settingsThere = [...new Set(contradicted.map(({ setting }) => setting))];
    lints.push({
      code: 'basis_contradicts_setting',
      path: [...path, 'legal_basis', first.regime],
      message: `the legal basis of \`${id}\` in ${named(contradicted.map(({ regime }) => regime))} is \`${basis}\`, which goes with ${listOf(eachQuoted(fitting), 'or')}, but its setting there is ${listOf(eachQuoted(settingsThere), 'or')}: change one of the two`,
    });
  }
  return lints;
}

function lintRhythm({ id, owner, review_by: day }: Purpose, today: string, path: Lint['path']): Lint[] {
  const lints: Lint[] = [];
  if (owner === undefined) {
    const message = `nobody is said to answer for \`${id}\`: name the team or the role in \`owner\``;
    lints.push({ code: 'owner_missing', path, message });
  }
  if (day === undefined) {
    const message = `no day is set for the next review of \`${id}\`: set one in \`review_by\``;
    lints.push({ code: 'review_missing', path, message });
  } else if (day < today) {
    const message = `\`${id}\` was to be looked at again by ${day}: look at it, record the review, and set another day`;
    lints.push({ code: 'review_overdue', path: [...path, 'review_by'], message });
  }
  return lints;
}
