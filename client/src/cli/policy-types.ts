/** Writes what a policy names as types. */
import { isText, memberOf } from '../terms/json.js';

/** Of a policy version. */
export type Names = {
  /** Id of the version. */
  readonly version: string;
  readonly purposes: readonly string[];
  readonly fields: readonly string[];
  readonly obligations: readonly string[];
};

/** The names in the answer to `GET /v1/policies/current` (docs/api.md, "Policies"); `undefined`: it is no such answer. */
export function namesIn(answer: unknown): Names | undefined {
  const version = memberOf(answer, 'id');
  const document = memberOf(answer, 'document');
  const [purposes, fields, obligations] = ['purposes', 'fields', 'obligations'].map((member) =>
    idsIn(memberOf(document, member)),
  );
  if (!isText(version) || purposes === undefined || fields === undefined || obligations === undefined)
    return undefined;
  return { version, purposes, fields, obligations };
}

function idsIn(entries: unknown): readonly string[] | undefined {
  if (!Array.isArray(entries)) return undefined;
  const ids = entries.map((entry) => memberOf(entry, 'id'));
  return ids.every(isText) ? ids.toSorted() : undefined;
}

/** A declaration file by which TypeScript takes no other names. */
export function typesOf({ version, purposes, fields, obligations }: Names): string {
  return `// Written by \`npx assent types\` from the policy ${JSON.stringify(version)}: write it anew instead of changing it.
import type {} from '@assent/client';

declare module '@assent/client' {
  interface PolicyNames {
    purpose:${unionOf(purposes)};
    field:${unionOf(fields)};
    obligation:${unionOf(obligations)};
  }
}
`;
}

function unionOf(ids: readonly string[]): string {
  return ids.length === 0 ? ' never' : ids.map((id) => `\n      | ${JSON.stringify(id)}`).join('');
}
