import type { Decision } from '../decision/reasons.js';

/** An evaluation's answer (AuthZEN 1.0, section "Decision"). */
export class Answer {
  readonly decision: boolean;
  readonly context: {
    readonly reason: Decision['reason'];
    /** Which of the fields that the field is made of denies; absent: it does so itself, or it is another matter. */
    readonly derived_source?: string;
    readonly policy: string;
    readonly revision: string;
    readonly obligations: readonly string[];
    /** Of several users, the place of the one who closes it. */
    readonly closed_by?: number;
    /** By which the client says that it kept the obligations. */
    readonly discharge_token?: string;
  };
  #json: string | undefined;

  constructor(
    { permit, reason, obligations, source }: Decision,
    policy: string,
    revision: string,
    /** Of several users, the place of the one who closes it. */
    closedBy?: number,
    dischargeToken?: string,
  ) {
    this.decision = permit;
    this.context = {
      reason,
      ...(source === undefined ? {} : { derived_source: source }),
      ...(closedBy === undefined ? {} : { closed_by: closedBy }),
      ...(dischargeToken === undefined ? {} : { discharge_token: dischargeToken }),
      policy,
      revision,
      obligations,
    };
  }

  /** The answer as it is sent; serialised once, however often it is given. */
  get json(): string {
    return (this.#json ??= JSON.stringify(this));
  }
}
