import { LRUCache } from 'lru-cache';
import { type CompiledPolicy, compileSteps } from '../decision/rules/compile.js';
import type { PolicyDocument } from '../decision/policy.js';
import type { Steps } from '../decision/steps.js';
import type { DecisionTable } from '../decision/table/table.js';
import type { CompileError } from '../decision/rules/validate.js';
import { tabulateSteps } from '../decision/table/tabulate.js';
import { contentIdOf, contentIdSteps } from './content-id.js';
import { NewerBuild } from '../errors.js';
import { PolicyFilesError, readPolicyFiles } from './text/policy-files.js';
import { isPolicyDocument, shapeSteps } from './text/policy-shape.js';
import type { StoredVersion } from './policy.store.js';
import { inSlices } from '../work/slices.js';
import { readablePath } from './text/quoting.js';

/** A policy that can be in force, named by its content. Immutable. */
export type PolicyVersion = CompiledPolicy & {
  /** `sha256:` and the hash of the document in canonical JSON (RFC 8785). */
  readonly id: string;
  readonly table: DecisionTable;
};

/** Number of compiled versions kept: the one in force, the one before and a draft or two. */
const KEPT_VERSIONS = 4;

/** Builds policy versions, and holds the one that decisions rest on. */
export class PolicyService {
  /** Versions by id, built or being built. */
  private readonly versions = new LRUCache<string, Promise<PolicyVersion>>({ max: KEPT_VERSIONS });

  private readonly listeners: (() => void)[] = [];

  /** @param version the one in force */
  constructor(private version: PolicyVersion) {
    this.put(version);
  }

  /**
   * Loads the policy of a folder.
   *
   * @throws PolicyFilesError for any error; a policy is never in force in part
   */
  static async load(folder: string): Promise<PolicyService> {
    const document = await readPolicyFiles(folder);
    const id = await inSlices(contentIdSteps(document));
    return new PolicyService(await inSlices(versionSteps(document, id)));
  }

  /**
   * Starts on a stored version.
   *
   * @throws Error when its content does not match its id; NewerBuild when this build does not know its form
   */
  static async from(stored: StoredVersion): Promise<PolicyService> {
    const document = await provenDocument(stored);
    return new PolicyService(await inSlices(versionSteps(document, stored.id)));
  }

  /** The version in force. Take it once per request: an answer rests on one version. */
  get current(): PolicyVersion {
    return this.version;
  }

  /**
   * Builds a version in slices, between other work, or returns it from the cache. This does not put it in force. The
   * document must not change any more.
   *
   * @throws PolicyFilesError with everything that is wrong, when the document does not compile
   */
  async build(document: PolicyDocument): Promise<PolicyVersion> {
    const id = await inSlices(contentIdSteps(document));
    const version = this.versions.get(id) ?? inSlices(versionSteps(document, id));
    this.versions.set(id, version);
    try {
      return await version;
    } catch (error) {
      this.versions.delete(id);
      throw error;
    }
  }

  /**
   * Builds a version of any value, which need not have the shape of a policy.
   *
   * @throws PolicyFilesError as `build` does
   */
  async buildUnknown(value: unknown): Promise<PolicyVersion> {
    const shaped = await inSlices(shapeSteps(value));
    if (!shaped.ok) throw policyError(shaped.errors);
    return this.build(shaped.document);
  }

  /** A version from the cache; `undefined`: it is not there. */
  kept(id: string): Promise<PolicyVersion> | undefined {
    return this.versions.get(id);
  }

  /** Builds a stored version. @throws as `from` does */
  async restore(stored: StoredVersion): Promise<PolicyVersion> {
    return this.build(await provenDocument(stored));
  }

  /** Puts a version in force: every decision that begins from now on rests on it. */
  put(version: PolicyVersion): void {
    this.version = version;
    this.versions.set(version.id, Promise.resolve(version));
    for (const listener of this.listeners) listener();
  }

  /** Calls back in the same turn in which a version was put in force. */
  onPut(listener: () => void): void {
    this.listeners.push(listener);
  }
}

/** That what is kept of a version is not what its id names. */
export function alteredVersion(id: string): Error {
  return new Error(
    `the policy version \`${id}\` is kept with a content that is not its own: restore the table \`policy_version\` from a backup`,
  );
}

function policyError(errors: readonly CompileError[]): PolicyFilesError {
  return new PolicyFilesError(
    errors.map(({ path, message }) => ({ steps: path, path: readablePath(path), message })),
  );
}

/**
 * A stored version may have been edited by hand; its id shows that. One that is unaltered and still no policy here was
 * written by a newer build.
 */
async function provenDocument({ id, document }: StoredVersion): Promise<PolicyDocument> {
  if ((await contentIdOf(document)) !== id) throw alteredVersion(id);
  if (!isPolicyDocument(document)) throw new NewerBuild(`the policy version \`${id}\` has a form`);
  return document;
}

/** Builds a version. @throws PolicyFilesError with everything that is wrong, when the document does not compile */
export function* versionSteps(document: PolicyDocument, id: string): Steps<PolicyVersion> {
  const result = yield* compileSteps(document);
  if (!result.ok) throw policyError(result.errors);
  return { ...result.policy, id, table: yield* tabulateSteps(result.policy) };
}
