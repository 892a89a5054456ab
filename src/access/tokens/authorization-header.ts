/** Reads the header `Authorization`. */

export const BEARER = 'bearer ';
export const DPOP = 'dpop ';

/**
 * The token of an `Authorization` header; empty when there is none of that scheme. Schemes are case-insensitive (RFC
 * 9110, section 11.1).
 */
export function tokenOf(header: string | undefined, scheme: string): string {
  if (header === undefined || header.slice(0, scheme.length).toLowerCase() !== scheme) return '';
  return header.slice(scheme.length).trim();
}
