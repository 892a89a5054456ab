/** What the policy in force says of cases: which fields none opens, as the decision core answers. */
import { CASE_CONDITIONS, type PolicyDocument, UNKNOWN_REGION } from '../../../../src/decision/policy.js';
import { type Reason, looksAt } from '../../../../src/decision/reasons.js';
import { REASON_CODES } from '../../../../src/decision/table/table.js';
import { useVersion } from '../../api/policy.js';
import { useMay } from '../../api/session.js';
import { useMatrix } from '../matrix/use-matrix.js';

/** Fields that no case opens to the purpose, each with the reason. */
export type Closed = ReadonlyMap<string, Reason>;

export type LawOfCases = {
  readonly document: PolicyDocument;
  /** By purpose that the policy demands a case of. */
  readonly closed: ReadonlyMap<string, Closed>;
};

export function useLawOfCases() {
  const may = useMay('GET /v1/policies/{id}');
  const version = useVersion(may.may ? 'current' : undefined);
  const regime = version.data?.document.regimes[0]?.id ?? UNKNOWN_REGION;
  // of somebody who has closed nothing, and requests that meet every condition: what is closed then, a case does not open
  const matrix = useMatrix(version.data, { regime, age: 'adult', said: 'granted', gpc: false });
  const document = version.data?.document;
  return {
    may,
    error: version.error ?? matrix.error,
    again: () => void version.refetch(),
    law:
      document === undefined || matrix.data === undefined
        ? undefined
        : { document, closed: closedIn(document, matrix.data) },
  };
}

type Matrix = {
  readonly purposes: readonly string[];
  readonly fields: readonly string[];
  readonly reasons: Uint8Array;
};

function closedIn(document: PolicyDocument, { purposes, fields, reasons }: Matrix): Map<string, Closed> {
  const demanding = document.purposes.filter(({ conditions = [] }) =>
    conditions.some((one) => CASE_CONDITIONS.has(one)),
  );
  return new Map(
    demanding.map(({ id }) => {
      const column = purposes.indexOf(id);
      const closed = new Map<string, Reason>();
      for (const [row, field] of fields.entries()) {
        const reason = REASON_CODES[reasons[column * fields.length + row] ?? 0] ?? 'consent_unavailable';
        // what depends on the person is not closed for good
        if (looksAt(reason) === 'policy') closed.set(field, reason);
      }
      return [id, closed];
    }),
  );
}
