import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';
import { type CompiledPolicy, compile } from '../decision/compile.js';
import { DecisionTable } from '../decision/table.js';
import type { PolicyDocument } from '../decision/policy.js';
import { PolicyFilesError, readPolicyFiles } from './policy-files.js';

/** A policy that is in force, with the name that its content gives it. */
export type PolicyVersion = CompiledPolicy & {
  /** `sha256:` and the hash of the document in canonical JSON (RFC 8785). */
  readonly id: string;
  readonly table: DecisionTable;
};

/** Holds the policy version that decisions rest on. */
export class PolicyService {
  private constructor(private version: PolicyVersion) {}

  /**
   * Loads the policy of a folder.
   *
   * @throws PolicyFilesError when anything is wrong with it; a part of a policy is never in force
   */
  static async load(folder: string): Promise<PolicyService> {
    return PolicyService.of(await readPolicyFiles(folder));
  }

  /** @throws PolicyFilesError when the document does not compile */
  static of(document: PolicyDocument): PolicyService {
    const result = compile(document);
    if (!result.ok)
      throw new PolicyFilesError(
        result.errors.map(({ path, message }) => ({ file: '.', path: path.join('.'), message })),
      );
    const id = `sha256:${createHash('sha256').update(canonicalize(document)).digest('hex')}`;
    return new PolicyService({ ...result.policy, id, table: new DecisionTable(result.policy) });
  }

  /** The version in force. Take it once per request: an answer rests on one version. */
  get current(): PolicyVersion {
    return this.version;
  }
}
