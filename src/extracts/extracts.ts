/** Opens extracts, takes members into them, and closes them. */
import { randomBytes } from 'node:crypto';
import { setImmediate as turn, setTimeout as pass } from 'node:timers/promises';
import type { Caller, ServiceCaller } from '../access/caller.js';
import { whyWithout } from '../access/clients.js';
import { readsAllExtracts } from '../access/extract-permissions.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { didYouMean } from '../decision/nearest.js';
import { DomainError } from '../errors.js';
import type { PolicyService } from '../policy/policy.service.js';
import {
  BUCKET_NUMBERS,
  type ExtractStore,
  type MemberPart,
  type MemberRow,
  type StoredExtract,
  type Unlearned,
} from './extracts.store.js';
import { MemberNames, SECRET_BYTES } from './member-names.js';
import { type MemberSet, Members, decodeMembers, encodeMembers } from './members.js';
import { lookIn } from './look-token.js';

/** An extract as a request asks for it. */
export type NewExtract = {
  readonly purpose: string;
  readonly fields: readonly string[];
  readonly title?: string;
  readonly context?: Stated;
};

/** What each question of an extract states. */
export type Stated = {
  readonly actor?: 'automated' | 'human';
  readonly legal_reference?: string;
};

/** An extract that an audience is taken into. */
export type Intake = {
  readonly stated: Stated;
  readonly names: MemberNames;
  /**
   * Notes who was let through. Resolves to whether it is in the database; if not, no answer about them may leave.
   *
   * @param revision that their decisions rest on
   */
  readonly add: (sets: readonly MemberSet[], revision: number) => Promise<boolean>;
};

/** That a user is in an extract. */
export type Membership = {
  readonly extract: StoredExtract;
  /** What was taken of them, in the order of the extract. */
  readonly fields: readonly string[];
  /** Number of the last part that they may be in. */
  readonly upTo: number;
};

/** How long an answer waits until its members are noted. */
const PATIENCE_MS = 5_000;
/** Parts after which what is not put together yet is. */
const PARTS_TOGETHER = 256;
/** Rows read at once: each has some ten thousand members. */
const ROWS_AT_ONCE = 32;
const MOST_UNLEARNED = 1_000;

export class Extracts {
  /**
   * @param now milliseconds since the Unix epoch
   * @param onTrouble what could be done later did not work
   */
  constructor(
    private readonly store: ExtractStore,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly consent: Pick<StateInForce, 'revision' | 'tokens'>,
    private readonly newId: () => string,
    private readonly now: () => number,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  /** @throws DomainError `invalid_request`, `purpose_not_allowed` */
  async open(client: ServiceCaller, wanted: NewExtract): Promise<StoredExtract> {
    const { purpose, fields, title = null, context = {} } = wanted;
    const { actor = 'human', legal_reference: legalReference = null } = context;
    const policy = this.policies.current;
    mustKnow('purpose', purpose, '/purpose', policy.purposes);
    if (!client.purposes.has(purpose))
      throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', purpose), '/purpose');
    for (const [place, field] of fields.entries())
      mustKnow(`fields.${place}`, field, `/fields/${place}`, policy.fields);
    const id = this.newId();
    const opening = {
      client: client.id,
      title,
      purpose,
      fields: [...new Set(fields)],
      actor,
      legalReference,
      policy: policy.id,
      revision: this.consent.revision,
      at: this.now(),
      secret: randomBytes(SECRET_BYTES),
    };
    await this.store.open(id, opening);
    return { id, opening, closedAt: null, parts: 0, revision: opening.revision, users: 0 };
  }

  /** @throws DomainError `extract_not_found`, also where it is another service's */
  async get(caller: Caller, id: string): Promise<StoredExtract> {
    const found = await this.store.read(id);
    const isOwn = caller.kind === 'service' && found?.opening.client === caller.id;
    if (found !== undefined && (isOwn || readsAllExtracts(caller))) return found;
    throw new DomainError(
      'extract_not_found',
      'there is no extract of this id that is yours: correct it, or use the token of the service that opened it',
      '/id',
    );
  }

  /** Those of a service, or all for an admin, that were opened last first. @param after the one before the page */
  list(
    caller: Caller,
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly StoredExtract[]> {
    return this.store.list(limit, readsAllExtracts(caller) ? undefined : caller.id, after);
  }

  /** What its service said about who withdrew, the oldest first. */
  unlearnedIn(id: string): Promise<readonly Unlearned[]> {
    return this.store.unlearned(id);
  }

  /** Closes it, for good, and puts together what it has. @throws DomainError `extract_not_found` */
  async close(client: ServiceCaller, id: string): Promise<StoredExtract> {
    const found = await this.get(client, id);
    await this.store.close(id, this.now());
    await this.putTogether(found);
    return this.get(client, id);
  }

  /**
   * Takes down that who had withdrawn by a look is left out, or unlearned.
   *
   * @throws DomainError `extract_not_found`, `invalid_request`, `change_lost`, `extract_full`
   */
  async unlearn(client: ServiceCaller, id: string, since: string): Promise<void> {
    const found = await this.get(client, id);
    const look = lookIn(since, this.consent.tokens, found.parts);
    const said = { ...look, since, by: client.id, at: this.now() };
    if (await this.store.unlearn(id, said, MOST_UNLEARNED)) return;
    throw new DomainError(
      'extract_full',
      `the extract has ${MOST_UNLEARNED} such statements, and keeps no more: take a new extract`,
    );
  }

  /**
   * Prepares to take an audience into an extract.
   *
   * @throws DomainError `extract_not_found`, `extract_closed`; `invalid_request` when the audience is not of the extract
   */
  async intake(
    client: ServiceCaller,
    id: string,
    asked: { readonly purpose: string; readonly fields: readonly string[]; readonly context: Stated },
  ): Promise<Intake> {
    const found = await this.store.read(id);
    if (found?.opening.client !== client.id)
      throw new DomainError(
        'extract_not_found',
        'there is no extract of this id that is yours: open one first',
        '/extract',
      );
    if (found.closedAt !== null)
      throw new DomainError(
        'extract_closed',
        'the extract was closed, and takes nobody in any more: open a new one',
        '/extract',
      );
    const { opening } = found;
    mustBeOf(opening, asked);
    return {
      stated: {
        actor: opening.actor,
        ...(opening.legalReference === null ? {} : { legal_reference: opening.legalReference }),
      },
      names: new MemberNames(opening.secret),
      add: (sets, revision) => this.add(found, sets, revision),
    };
  }

  private async add(found: StoredExtract, sets: readonly MemberSet[], revision: number): Promise<boolean> {
    const users = sets.reduce((sum, set) => sum + set.users.length, 0);
    if (users === 0) return true;
    const content = encodeMembers(found.opening.fields, sets);
    // it may still be written after that: somebody is noted then who was not answered
    const late = new AbortController();
    const number = await Promise.race([
      this.store.add(found.id, revision, users, content).catch((error: unknown) => {
        this.onTrouble(error);
        return undefined;
      }),
      pass(PATIENCE_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined),
    ]);
    late.abort();
    if (number === undefined) return false;
    if (number % PARTS_TOGETHER === 0) await this.putTogether(found).catch(this.onTrouble);
    return true;
  }

  /**
   * Who is in it by now, in slices between other work.
   *
   * @param seen parts of which all members are known to somebody
   * @returns `fresh` are those who may be in a later part
   * @throws Error when what is stored was altered
   */
  async membersOf(
    { id, opening: { fields } }: StoredExtract,
    seen: number,
  ): Promise<{ readonly members: Members; readonly fresh: Members }> {
    const members = new Members(fields);
    const fresh = new Members(fields);
    const takeAll = async (rows: readonly MemberRow[]) => {
      await this.take(members, fields, rows);
      const later = rows.filter(({ upTo }) => upTo > seen);
      if (seen > 0) await this.take(fresh, fields, later);
    };
    for (let after: number | undefined = 0; after !== undefined;) {
      const rows = await this.store.parts(id, after, ROWS_AT_ONCE);
      await takeAll(rows);
      after = rows.at(-1)?.number;
    }
    for (let after: number | undefined = -1; after !== undefined;) {
      const rows = await this.store.buckets(id, after, ROWS_AT_ONCE);
      await takeAll(rows);
      after = rows.at(-1)?.bucket;
    }
    return { members, fresh };
  }

  /** The extracts that a user is in, those that were opened last first. @param user by the number of the log */
  async ofUser(user: number): Promise<readonly Membership[]> {
    // parts first: what is put together meanwhile is found in its bucket
    const found = new Map<string, { readonly fields: Set<string>; upTo: number }>();
    const look = (id: string, all: readonly string[], { upTo, content }: MemberRow) => {
      for (const { fields, users } of decodeMembers(all, content)) {
        if (!users.includes(user)) continue;
        const known = found.get(id) ?? { fields: new Set(), upTo: 0 };
        for (const field of fields) known.fields.add(field);
        known.upTo = Math.max(known.upTo, upTo);
        found.set(id, known);
      }
    };
    for (const id of await this.store.withParts()) {
      const all = (await this.store.read(id))?.opening.fields ?? [];
      for (let after: number | undefined = 0; after !== undefined;) {
        const rows: readonly MemberPart[] = await this.store.parts(id, after, ROWS_AT_ONCE);
        for (const row of rows) look(id, all, row);
        after = rows.at(-1)?.number;
        await turn();
      }
    }
    const extracts = new Map<string, StoredExtract>();
    for (const row of await this.store.bucketsOf(Math.floor(user / BUCKET_NUMBERS))) {
      const extract = await this.store.read(row.id);
      if (extract === undefined) continue;
      extracts.set(row.id, extract);
      look(row.id, extract.opening.fields, row);
      await turn();
    }
    const memberships: Membership[] = [];
    for (const [id, { fields, upTo }] of found) {
      const extract = extracts.get(id) ?? (await this.store.read(id));
      if (extract === undefined) continue;
      memberships.push({ extract, fields: extract.opening.fields.filter((one) => fields.has(one)), upTo });
    }
    return memberships.toSorted((one, other) => other.extract.opening.at - one.extract.opening.at);
  }

  private async take(
    members: Members,
    fields: readonly string[],
    rows: readonly { readonly content: Uint8Array }[],
  ): Promise<void> {
    for (const { content } of rows) {
      for (const set of decodeMembers(fields, content)) members.add(set);
      await turn();
    }
  }

  /**
   * Puts parts together by ranges of numbers, each user once. Whoever reads meanwhile finds everybody: a part goes only
   * when all of its members are in buckets.
   */
  private async putTogether({ id, opening: { fields } }: StoredExtract): Promise<void> {
    for (;;) {
      const parts = await this.store.parts(id, 0, PARTS_TOGETHER);
      if (parts.length === 0) return;
      const members = new Members(fields);
      await this.take(members, fields, parts);
      const upTo = Math.max(...parts.map((part) => part.upTo));
      for (const bucket of members.ranges) {
        const [before] = await this.store.buckets(id, bucket - 1, 1);
        const known = before?.bucket === bucket ? before : undefined;
        if (known !== undefined) await this.take(members, fields, [known]);
        const sets = members.in(bucket);
        const row = {
          bucket,
          upTo: Math.max(upTo, known?.upTo ?? 0),
          content: encodeMembers(fields, sets),
        };
        const users = sets.reduce((sum, set) => sum + set.users.length, 0);
        // somebody else puts the same together
        if (!(await this.store.putTogether(id, row, users, known?.edition ?? 0))) return;
        await turn();
      }
      await this.store.dropParts(
        id,
        parts.map(({ number }) => number),
      );
    }
  }
}

/** @throws DomainError `invalid_request` */
function mustKnow(member: string, name: string, pointer: string, known: ReadonlyMap<string, unknown>): void {
  if (known.has(name)) return;
  const what = pointer === '/purpose' ? 'purpose' : 'field';
  throw new DomainError(
    'invalid_request',
    `\`${member}\` names no ${what} of the policy${didYouMean(name, known.keys(), 'correct it')}`,
    pointer,
  );
}

/** @throws DomainError `invalid_request` */
function mustBeOf(
  { purpose, fields, actor, legalReference }: StoredExtract['opening'],
  asked: { readonly purpose: string; readonly fields: readonly string[]; readonly context: Stated },
): void {
  if (asked.purpose !== purpose)
    throw new DomainError(
      'invalid_request',
      `the extract is for \`${purpose}\`: ask for that, or open an extract for this purpose`,
      '/purpose',
    );
  const other = asked.fields.findIndex((field) => !fields.includes(field));
  if (other >= 0)
    throw new DomainError(
      'invalid_request',
      `\`fields.${other}\` is not among the fields of the extract: leave it out, or open an extract with it`,
      `/fields/${other}`,
    );
  const { context } = asked;
  const fact =
    context.actor !== undefined && context.actor !== actor
      ? 'actor'
      : context.legal_reference !== undefined && context.legal_reference !== legalReference
        ? 'legal_reference'
        : undefined;
  if (fact !== undefined)
    throw new DomainError(
      'invalid_request',
      `\`${fact}\` is not what the extract was opened with: leave it out, for the extract states it`,
      `/context/${fact}`,
    );
}
