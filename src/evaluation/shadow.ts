/**
 * A draft that decides beside the version in force, on real traffic. Its decisions go only into a report, and its cost
 * is measured and bounded.
 */
import type { StateInForce } from '../consent/log/state-in-force.js';
import type { Resolution } from '../decision/state/consent-state.js';
import { type Question, decide } from '../decision/table/decide.js';
import { type Several, decideAbout } from './several.js';
import type { Decision, Reason } from '../decision/reasons.js';
import type { PolicyVersion } from '../policy/policy.service.js';

/** A question about a user, or several, as `decide` takes it. */
export type Asked = {
  readonly question: Question;
  readonly user: string | undefined;
  readonly several?: Several;
  /** Whether something that the decision must rest on cannot be read now. */
  readonly isUnproved?: boolean;
};

/** The draft that decides beside the version in force. */
export type Shadowed = {
  readonly draft: string;
  /** The edit that decides; later ones do not. */
  readonly edit: number;
  readonly version: PolicyVersion;
  /** The share of decisions that it makes too, above 0 and up to 1. */
  readonly share: number;
};

/** Decisions of one purpose and client that the draft answers differently. */
export type ShadowDifference = {
  readonly purpose: string;
  readonly client: string;
  readonly live: Reason;
  readonly draft: Reason;
  readonly count: number;
};

export type ShadowReport = {
  readonly draft: string;
  readonly edit: number;
  readonly policy: string;
  readonly share: number;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Decisions made since, and those that the draft made too. */
  readonly decisions: number;
  readonly compared: number;
  /** Decisions that were not compared because the draft had used up its time. */
  readonly skipped: number;
  /** Most frequent first. */
  readonly differences: readonly ShadowDifference[];
  /** Differences beyond those that are counted separately. */
  readonly others: number;
  /** Time that the draft used, in milliseconds, and as a share of the elapsed time. */
  readonly cost: { readonly total: number; readonly share: number };
  /** Why it ended by itself; null while it runs. */
  readonly trouble: string | null;
};

/** The share of the process's time that a draft may use. */
const MOST_TIME = 0.02;
/** Maximum unused time that is saved up, in milliseconds. */
const MOST_SAVED_MS = 20;
const MOST_DIFFERENCES = 1_000;

type Running = Shadowed & {
  readonly resolution: Resolution;
  readonly since: number;
  readonly from: number;
  readonly counts: Map<string, { readonly difference: Omit<ShadowDifference, 'count'>; count: number }>;
  decisions: number;
  compared: number;
  skipped: number;
  others: number;
  /** Fractions of decisions that are due to be compared. */
  due: number;
  cost: number;
  trouble: string | null;
};

export class Shadow {
  private running: Running | undefined;

  /**
   * @param now milliseconds since the Unix epoch
   * @param clock milliseconds that only go forward, to measure by
   */
  constructor(
    private readonly consent: StateInForce,
    private readonly now: () => number,
    private readonly clock: () => number,
  ) {}

  /** Starts a draft beside the version in force, replacing the current one. */
  async start(shadowed: Shadowed): Promise<void> {
    const resolution = await this.consent.resolve(shadowed.version);
    this.stop();
    this.running = {
      ...shadowed,
      resolution,
      since: this.now(),
      from: this.clock(),
      counts: new Map(),
      decisions: 0,
      compared: 0,
      skipped: 0,
      others: 0,
      due: 0,
      cost: 0,
      trouble: null,
    };
  }

  /** Ends it, and drops the report. */
  stop(): void {
    if (this.running === undefined) return;
    this.consent.release(this.running.resolution);
    this.running = undefined;
  }

  /** Lets the draft repeat a decision. Never throws: an error ends only the shadow. */
  observe(client: string, asked: Asked, live: Decision): void {
    const { running } = this;
    if (running === undefined || running.trouble !== null) return;
    if (asked.user === undefined && asked.several === undefined) return;
    // a decision without consent state says nothing about the draft
    if (live.reason === 'consent_unavailable') return;
    running.decisions++;
    running.due += running.share;
    if (running.due < 1) return;
    running.due--;
    const start = this.clock();
    const allowed = Math.max((start - running.from) * MOST_TIME, MOST_SAVED_MS);
    if (running.cost >= allowed) {
      running.skipped++;
      return;
    }
    try {
      compare(running, client, asked, live);
    } catch (error) {
      running.trouble = error instanceof Error ? error.name : 'unknown';
    }
    running.cost += this.clock() - start;
  }

  /** The report so far; `undefined` when there is no draft. */
  report(): ShadowReport | undefined {
    const { running } = this;
    if (running === undefined) return undefined;
    const { draft, edit, version, share, since, decisions, compared, skipped, others, cost, trouble } =
      running;
    const passed = this.clock() - running.from;
    return {
      draft,
      edit,
      policy: version.id,
      share,
      since,
      decisions,
      compared,
      skipped,
      differences: [...running.counts.values()]
        .map(({ difference, count }) => ({ ...difference, count }))
        .sort((one, other) => other.count - one.count),
      others,
      cost: { total: cost, share: passed === 0 ? 0 : cost / passed },
      trouble,
    };
  }
}

function compare(running: Running, client: string, asked: Asked, live: Decision): void {
  const { counts } = running;
  const { question } = asked;
  const draft = decisionOf(running, asked);
  running.compared++;
  if (draft.reason === live.reason) return;
  const key = `${live.reason} ${draft.reason} ${question.purpose} ${client}`;
  const known = counts.get(key);
  if (known !== undefined) known.count++;
  else if (counts.size >= MOST_DIFFERENCES) running.others++;
  else
    counts.set(key, {
      difference: { purpose: question.purpose, client, live: live.reason, draft: draft.reason },
      count: 1,
    });
}

function decisionOf(
  { version: { table }, resolution }: Running,
  { question, user, several }: Asked,
): Decision {
  if (several === undefined) {
    const classId = resolution.classOf(user ?? '');
    return decide(table, question, (place) => resolution.of(classId, place));
  }
  const classes = several.users.map((one) => resolution.classOf(one));
  const { decision } = decideAbout(table, several, (at, place) => {
    const classId = classes[at];
    return classId === undefined ? table.ofUnavailable(place) : resolution.of(classId, place);
  });
  return decision;
}
