/** Reads what the service says of a request that it does not answer (docs/api.md, "Errors"). */
import { isText, memberOf, readJson } from '../terms/json.js';

/** Takes out of a text of the service what must not be repeated. */
export type Hide = (text: string) => string;

const CODE = /^urn:assent:problem:([a-z_]{1,64})$/;

/** The code and the words of a problem document (RFC 9457), as far as it is one. */
export function problemIn(text: string, hide: Hide): { readonly code?: string; readonly message?: string } {
  const problem = readJson(text);
  const type = memberOf(problem, 'type');
  const detail = memberOf(problem, 'detail');
  const code = isText(type) ? CODE.exec(type)?.[1] : undefined;
  if (code === undefined) return {};
  return { code, ...(isText(detail) ? { message: hide(detail) } : {}) };
}
