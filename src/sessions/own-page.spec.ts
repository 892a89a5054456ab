import { describe, expect, it } from 'vitest';
import { loopbackOrigin, mustBeOwnPage, originOf } from './own-page.js';

const OWN = 'https://assent.example';
const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin', ''];
const ORIGINS = [undefined, OWN, 'https://evil.example', 'null', `${OWN}/`];
const HEADERS = [undefined, '1', '0', ''];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];

type Sent = {
  readonly method: string;
  readonly site: string | undefined;
  readonly origin: string | undefined;
  readonly own: string | undefined;
};

function takes({ method, site, origin, own }: Sent): boolean {
  const headers = { 'sec-fetch-site': site, origin, 'x-assent-request': own };
  const socket = { remoteAddress: '203.0.113.7' };
  try {
    mustBeOwnPage({ method, headers, socket }, originOf(`${OWN}/consent`));
    return true;
  } catch {
    return false;
  }
}

describe('of every request that there can be', () => {
  const all: Sent[] = METHODS.flatMap((method) =>
    SITES.flatMap((site) =>
      ORIGINS.flatMap((origin) => HEADERS.map((own) => ({ method, site, origin, own }))),
    ),
  );

  it('a change is taken from a page of this service that says so', () => {
    const taken = all.filter(({ method }) => !['GET', 'HEAD'].includes(method)).filter(takes);
    expect(taken).not.toEqual([]);
    for (const { site, origin, own } of taken) {
      expect([site, own]).toEqual(['same-origin', '1']);
      expect([undefined, OWN]).toContain(origin);
    }
  });

  it('a reading is taken from there, from an address that was typed, and from what is no browser of today', () => {
    const taken = all.filter(({ method }) => ['GET', 'HEAD'].includes(method)).filter(takes);
    expect(taken).not.toEqual([]);
    for (const { site, origin } of taken) {
      expect([undefined, 'same-origin', 'none']).toContain(site);
      expect([undefined, OWN]).toContain(origin);
    }
  });
});

describe('in development mode', () => {
  const at = (host: string | undefined, remoteAddress = '127.0.0.1', more = {}) =>
    loopbackOrigin({ headers: { host, ...more }, socket: { remoteAddress } });

  it('the origin is the loopback address that the browser shows', () => {
    for (const host of ['localhost:3000', '127.0.0.1:1', '[::1]:3000', 'localhost', 'localhost:80'])
      expect(at(host)).toBeDefined();
    expect(at('localhost:3000', '::ffff:127.0.0.1')).toBe('http://localhost:3000');
  });

  it('there is none for anything that comes from further away, or looks so', () => {
    for (const host of [
      undefined,
      '',
      'assent.example',
      '10.0.0.1:3000',
      'localhost.evil.example',
      'localhost:3000@evil.example',
      'evil.example#localhost',
      'localhost:3000/',
      '127.0.0.1.evil.example',
      '0.0.0.0:3000',
      '0x7f.1:3000',
    ])
      expect(at(host), host).toBeUndefined();
    expect(at('localhost:3000', '10.0.0.7')).toBeUndefined();
    expect(at('localhost:3000', undefined, { 'x-forwarded-for': '127.0.0.1' })).toBeUndefined();
  });
});
