import { SocketAddress } from 'node:net';
import { array, assert, boolean, constant, integer, oneof, pre, property } from 'fast-check';
import { expect, test } from 'vitest';
import { networkOf } from './network-of.js';

const group = oneof(constant(0), integer({ min: 0, max: 0xffff }));
const groups = array(group, { minLength: 8, maxLength: 8 });

/** As Node writes it, with what can be left out left out. */
function written(address: readonly number[]): string {
  return new SocketAddress({
    family: 'ipv6',
    address: address.map((one) => one.toString(16)).join(':'),
  }).address;
}

test('two IPv6 addresses are in one place exactly when their first four groups are the same', () => {
  assert(
    property(groups, groups, boolean(), (one, other, areNear) => {
      const beside = areNear ? [...one.slice(0, 4), ...other.slice(4)] : other;
      pre(![one, beside].some((address) => written(address).includes('.')));
      expect(networkOf(written(one)) === networkOf(written(beside))).toBe(
        one.slice(0, 4).join() === beside.slice(0, 4).join(),
      );
    }),
  );
});

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, ''],
])('%s is at %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
