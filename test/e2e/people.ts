/** What the tests do to users through the API, as the service that looks after accounts. */
import { expect } from 'vitest';
import { textAt } from './replies.js';
import type { RunningService } from './service.js';

export type People = {
  /** Gives a user a profile; resolves to the consistency token of the change. */
  readonly register: (user: string, region: string, ageBand?: string) => Promise<string>;
  /**
   * Records a choice of a user; resolves to the consistency token of the change.
   *
   * @param notice that the user was shown; by default the first
   */
  readonly choose: (
    user: string,
    purpose: string,
    choice: 'granted' | 'denied',
    notice?: number,
  ) => Promise<string>;
  /** The settings of a user as they stand. */
  readonly settings: (user: string) => Promise<unknown>;
};

/** A choice as a page sends it that has shown a notice. */
export function saidOf(choice: 'granted' | 'denied', notice = 1) {
  return choice === 'granted' ? { choice, notice } : { choice };
}

export async function peopleOf(service: RunningService): Promise<People> {
  const token = await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write',
  });
  const send = async (method: string, path: string, body?: unknown) => {
    const reply = await service.request(method, path, { token, body });
    expect(reply, `${method} ${path}`).toMatchObject({ status: 200 });
    return reply.body;
  };
  const addressOf = (user: string) => `/v1/users/${encodeURIComponent(user)}`;
  return {
    register: async (user, region, ageBand = 'adult') =>
      textAt(await send('PUT', addressOf(user), { region, age_band: ageBand }), 'consistency_token'),
    choose: async (user, purpose, choice, notice) =>
      textAt(
        await send('PUT', `${addressOf(user)}/choices/${purpose}`, saidOf(choice, notice)),
        'consistency_token',
      ),
    settings: (user) => send('GET', `${addressOf(user)}/settings`),
  };
}
