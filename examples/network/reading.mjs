/** How a service reads profiles: it asks Assent for grants, and shows them to the profile store. */

/** How long a grant has to live, in seconds: the store is asked at once. */
const SECONDS = 5;

/**
 * Reads these fields of those members who permit it.
 *
 * @param {import('@assent/client').Assent} assent asks for the purpose of the service
 * @param {{ url: string, members: readonly string[], fields: readonly string[], request: string }} what the address of the
 *   profile store, and the id of the request that it is read for
 * @returns what the store handed out, and how often something was not, by reason
 * @throws Error when the store hands out nothing at all
 */
export async function readProfiles(assent, { url, members, fields, request }) {
  const read = [];
  const denied = new Map();
  const count = ({ reason }) => denied.set(reason, (denied.get(reason) ?? 0) + 1);
  for await (const grant of assent.grants(members, fields, { audience: 'profiles', seconds: SECONDS })) {
    grant.denied.forEach(count);
    const open = grant.users.filter((member) => fields.some((field) => grant.may(member, field)));
    if (open.length === 0) continue;
    const address = new URL('/profiles', url);
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        ...(await grant.headersFor('POST', address)),
        'content-type': 'application/json',
        'x-request-id': request,
      },
      body: JSON.stringify({ members: open, fields }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`the profile store refuses: ${answer.detail}`);
    read.push(...answer.members);
    answer.refused.forEach(count);
  }
  return { read, denied: Object.fromEntries(denied) };
}
