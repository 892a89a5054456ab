/** Global Privacy Control over HTTP. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Signal } from '../../../decision/consent-event.js';

/**
 * The signal that a request carries in its headers. `Sec-GPC: 1` is one; every other value, several of them included,
 * is none (Global Privacy Control, section "The Sec-GPC Header Field for HTTP Requests").
 */
export function signalOf(headers: IncomingHttpHeaders): Signal | undefined {
  return headers['sec-gpc'] === '1' ? 'gpc' : undefined;
}
