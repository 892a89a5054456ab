/** Addresses that something is sent to. */
import { isIP } from 'node:net';

/** Whether nobody else can read what is sent there: https, or http on a loopback address. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol === 'https:') return true;
  const isLoopback =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
  return protocol === 'http:' && isLoopback;
}

/** The address with a slash at its end, so that paths follow it. */
export function baseOf(url: string): URL {
  const base = new URL(url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}
