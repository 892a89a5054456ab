/**
 * What differs for clients between two versions. A change opens if any token of a client allows more under it than
 * before.
 */
import { eachQuoted, listOf } from '../../lists.js';
import type { Client, ClientRules } from '../../policy.js';

export type ClientChange = {
  /** Absent: all clients that are not listed. */
  readonly client?: string;
  /** Whether some token may ask for or do more. */
  readonly opens: boolean;
  /** Whether some token may ask for or do less. */
  readonly closes: boolean;
  /** One line of plain text, ids in backticks. */
  readonly says: string;
};

/** What changes for clients, first for those that the later version lists. */
export function clientChanges(before: ClientRules, after: ClientRules): ClientChange[] {
  const known = new Map((before.clients ?? []).map((client) => [client.id, client]));
  const refusedBefore = before.unlisted_clients === 'refuse';
  const refused = after.unlisted_clients === 'refuse';
  const changes: ClientChange[] = [];
  for (const client of after.clients ?? []) {
    const was = known.get(client.id);
    known.delete(client.id);
    changes.push(...(was === undefined ? [added(client, refusedBefore)] : changed(was, client)));
  }
  for (const { id } of known.values())
    changes.push({
      client: id,
      // a token may allow more than the policy did
      opens: !refused,
      closes: true,
      says: `client \`${id}\` is removed: ${refused ? 'it is refused from now on' : 'it has what its token says from now on'}`,
    });
  if (refused !== refusedBefore)
    changes.push({
      opens: refusedBefore,
      closes: refused,
      says: refused
        ? 'clients that are not listed are refused from now on'
        : 'clients that are not listed have what their tokens say from now on',
    });
  return changes;
}

function added({ id, purposes, scopes }: Client, refusedBefore: boolean): ClientChange {
  const given = [
    ...(purposes.length === 0 ? [] : [`may ask for ${named(purposes)}`]),
    ...(scopes.length === 0 ? [] : [`has ${scopesNamed(scopes)}`]),
  ];
  return {
    client: id,
    // until now, a token without claims granted nothing
    opens: given.length > 0,
    // and one with many claims was granted all of them, unless refused
    closes: !refusedBefore,
    says: `client \`${id}\` is added: it ${given.length === 0 ? 'may ask for nothing' : given.join(' and ')}, and no more than its token says`,
  };
}

function changed(was: Client, is: Client): ClientChange[] {
  const more = { purposes: missingIn(was.purposes, is.purposes), scopes: missingIn(was.scopes, is.scopes) };
  const less = { purposes: missingIn(is.purposes, was.purposes), scopes: missingIn(is.scopes, was.scopes) };
  const said = [
    ...(more.purposes.length === 0 ? [] : [`may now ask for ${named(more.purposes)}`]),
    ...(more.scopes.length === 0 ? [] : [`now has ${scopesNamed(more.scopes)}`]),
    ...(less.purposes.length === 0 ? [] : [`may no longer ask for ${named(less.purposes)}`]),
    ...(less.scopes.length === 0 ? [] : [`no longer has ${scopesNamed(less.scopes)}`]),
  ];
  if (said.length === 0) return [];
  const opens = more.purposes.length + more.scopes.length > 0;
  const closes = less.purposes.length + less.scopes.length > 0;
  return [{ client: is.id, opens, closes, says: `client \`${is.id}\` ${said.join(' and ')}` }];
}

function missingIn(list: readonly string[], other: readonly string[]): string[] {
  return other.filter((item) => !list.includes(item));
}

function scopesNamed(ids: readonly string[]): string {
  return `the ${ids.length > 1 ? 'scopes' : 'scope'} ${named(ids)}`;
}

function named(ids: readonly string[]): string {
  return listOf(eachQuoted(ids), 'and');
}
