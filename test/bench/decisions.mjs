import { PURPOSE } from './changes.mjs';
import { PATH, bodyOf } from './scenarios/evaluation.mjs';
import { httpRequest, loadServer, tokenFor } from './servers.mjs';
import { idOf } from './users.mjs';

/**
 * Loads a server with plain evaluations of so many users, in a closed loop.
 *
 * @returns the figures of the load; `cost`: microseconds of processor time that a decision takes the service
 * @throws when one is refused
 */
export async function loadWithDecisions(server, dataDir, { users, warmUpMs, durationMs }) {
  const token = await tokenFor(dataDir, { sub: 'bench', purposes: [PURPOSE] });
  const requests = Array.from({ length: users }, (_, at) =>
    httpRequest(
      'POST',
      PATH,
      [`authorization: Bearer ${token}`],
      bodyOf({ user: idOf(at), purpose: PURPOSE, field: 'member.skills' }),
    ),
  );
  const figures = await loadServer(server, requests, { warmUpMs, durationMs, connections: 64 });
  if (figures.refused > 0) throw new Error(`decisions were refused:\n${figures.sample}`);
  return { ...figures, cost: (figures.busy / figures.perSecond) * 1e6 };
}
