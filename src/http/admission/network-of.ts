/**
 * What counts as one place on the network: an IPv4 address, or the /64 that an IPv6 address is in, which one subscriber has
 * at least (RFC 6177, section 2), with all its addresses.
 *
 * @param address as Node gives it; `undefined`: the connection is closed
 */
export function networkOf(address = ''): string {
  if (!address.includes(':')) return address;
  const mapped = /:(\d+(?:\.\d+){3})$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [first = '', rest] = address.replace(/%.*/, '').split('::');
  const before = groupsIn(first);
  const zeros = rest === undefined ? 0 : 8 - before.length - groupsIn(rest).length;
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...groupsIn(rest ?? '')];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function groupsIn(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
