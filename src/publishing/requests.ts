/** Checks of requests about drafts and publications that no schema can express. */
import { DomainError } from '../errors.js';
import { checkOf } from '../http/contract/schema.js';
import { numberNamedBy } from '../http/headers/if-match.js';
import { parsePolicyTextSteps } from '../policy/text/policy-text.js';
import { inSlices } from '../work/slices.js';
import type { Operation } from './patch.js';
import { MAX_OPERATIONS, OperationDto } from './publishing.dto.js';

/** Maximum user ids of an impact, for each purpose and direction. */
export const MOST_SAMPLES = 20;

/** The notices that a publisher names. @throws DomainError `invalid_request` */
export function noticesIn(notices: object = {}): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(notices).map(([purpose, notice]: [string, unknown]) => {
      if (typeof notice === 'number' && Number.isSafeInteger(notice) && notice > 0) return [purpose, notice];
      throw new DomainError(
        'invalid_request',
        '`notices` must give the number of a notice for each purpose, as in `{"ads": 2}`',
        '/notices',
      );
    }),
  );
}

const isOperation = checkOf(OperationDto);

/** The operations of a JSON Patch. @throws DomainError `invalid_request` */
export function operationsIn(body: unknown): Operation[] {
  if (!Array.isArray(body) || body.length > MAX_OPERATIONS)
    throw new DomainError(
      'invalid_request',
      `a JSON Patch is a list of at most ${MAX_OPERATIONS} operations: send such a list, or the whole document with \`PUT\``,
    );
  return body.map((operation: unknown, at) => {
    if (isOperation(operation)) {
      const { op, path, from, value } = operation;
      switch (op) {
        case 'remove':
          return { op, path };
        case 'move':
        case 'copy':
          if (from !== undefined) return { op, path, from };
          break;
        case 'add':
        case 'replace':
        case 'test':
          if ('value' in operation) return { op, path, value };
          break;
      }
    }
    throw new DomainError(
      'invalid_request',
      `operation ${at} is not one of a JSON Patch: it has \`op\`, \`path\`, and \`value\` or \`from\` as RFC 6902 says`,
      `/${at}`,
    );
  });
}

/** The edit that an If-Match header names. @throws DomainError `draft_edit_not_named`, `invalid_request` */
export function editIn(ifMatch: string | undefined): number {
  return numberNamedBy(ifMatch, 'draft_edit_not_named', 'draft');
}

/** Number of user ids requested with an impact. @throws DomainError `invalid_request` */
export function samplesIn(text = '0'): number {
  const samples = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (samples <= MOST_SAMPLES) return samples;
  throw new DomainError(
    'invalid_request',
    `\`samples\` must be a whole number from 0 to ${MOST_SAMPLES}`,
    '/samples',
  );
}

/**
 * The content of a YAML text. It need not be a policy yet: a draft need not be sound.
 *
 * @throws DomainError `invalid_request`
 */
export async function readYaml(text: string): Promise<unknown> {
  const read = await inSlices(parsePolicyTextSteps(text));
  if (read.ok || read.value !== undefined) return read.value;
  const [first] = read.errors;
  throw new DomainError(
    'invalid_request',
    `line ${first?.line ?? 1} of the body: ${first?.message ?? 'this is not YAML: correct it'}`,
  );
}
