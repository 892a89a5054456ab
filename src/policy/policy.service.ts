import { type CompiledPolicy, compileSteps } from '../decision/compile.js';
import type { PolicyDocument } from '../decision/policy.js';
import { type Steps, finish } from '../decision/steps.js';
import type { DecisionTable } from '../decision/table.js';
import { tabulateSteps } from '../decision/tabulate.js';
import { contentIdSteps } from './content-id.js';
import { PolicyFilesError, readPolicyFiles } from './policy-files.js';
import { inSlices } from './slices.js';

/** A policy that can be in force, with the name that its content gives it. Immutable. */
export type PolicyVersion = CompiledPolicy & {
  /** `sha256:` and the hash of the document in canonical JSON (RFC 8785). */
  readonly id: string;
  readonly table: DecisionTable;
};

/** Versions that are kept built: that in force, the one before and a draft or two. */
const KEPT_VERSIONS = 4;

/** Builds policy versions, and holds the one that decisions rest on. */
export class PolicyService {
  /** Versions by id, built or being built; the one that was asked for longest ago comes first. */
  private readonly versions = new Map<string, Promise<PolicyVersion>>();

  private constructor(private version: PolicyVersion) {
    this.keep(version.id, Promise.resolve(version));
  }

  /**
   * Loads the policy of a folder.
   *
   * @throws PolicyFilesError when anything is wrong with it; a part of a policy is never in force
   */
  static async load(folder: string): Promise<PolicyService> {
    const document = await readPolicyFiles(folder);
    const id = await inSlices(contentIdSteps(document));
    return new PolicyService(await inSlices(versionSteps(document, id)));
  }

  /** At once, for tests and tools. @throws PolicyFilesError when the document does not compile */
  static of(document: PolicyDocument): PolicyService {
    return new PolicyService(finish(versionSteps(document, finish(contentIdSteps(document)))));
  }

  /** The version in force. Take it once per request: an answer rests on one version. */
  get current(): PolicyVersion {
    return this.version;
  }

  /**
   * Builds a version in slices, between other work; one that is still kept is answered as it is. It is not in force by
   * that. Nobody may change the document any more.
   *
   * @throws PolicyFilesError with everything that is wrong, when the document does not compile
   */
  async build(document: PolicyDocument): Promise<PolicyVersion> {
    const id = await inSlices(contentIdSteps(document));
    const version = this.versions.get(id) ?? inSlices(versionSteps(document, id));
    this.keep(id, version);
    try {
      return await version;
    } catch (error) {
      this.versions.delete(id);
      throw error;
    }
  }

  /** Puts a version in force: every decision that begins from now on rests on it. */
  put(version: PolicyVersion): void {
    this.version = version;
    this.keep(version.id, Promise.resolve(version));
  }

  private keep(id: string, version: Promise<PolicyVersion>): void {
    this.versions.delete(id);
    this.versions.set(id, version);
    for (const oldest of this.versions.keys()) {
      if (this.versions.size <= KEPT_VERSIONS) return;
      this.versions.delete(oldest);
    }
  }
}

function* versionSteps(document: PolicyDocument, id: string): Steps<PolicyVersion> {
  const result = yield* compileSteps(document);
  if (!result.ok)
    throw new PolicyFilesError(
      result.errors.map(({ path, message }) => ({ file: '.', path: path.join('.'), message })),
    );
  return { ...result.policy, id, table: yield* tabulateSteps(result.policy) };
}
