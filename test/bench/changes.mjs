import { httpRequest, tokenFor } from './servers.mjs';
import { idOf } from './users.mjs';

/** A purpose that anybody may deny and grant, wherever they live. */
export const PURPOSE = 'improve';

/**
 * Requests for changes of so many users: all deny, then all grant, and so on, so that each one changes something.
 *
 * @param {string} dataDir of the service that is asked
 * @param {number} first the number of the first user
 * @param {number} users
 */
export async function changeRequests(dataDir, first, users) {
  const token = await tokenFor(dataDir, { sub: 'bench', purposes: [], scope: 'choices:write' });
  return ['denied', 'granted'].flatMap((choice) =>
    Array.from({ length: users }, (_, at) =>
      httpRequest(
        'PUT',
        `/v1/users/${idOf(first + at)}/choices/${PURPOSE}`,
        [`authorization: Bearer ${token}`],
        JSON.stringify({ choice }),
      ),
    ),
  );
}
