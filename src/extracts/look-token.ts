/** Names what a look at who withdrew has seen: a revision of the consent log, and parts of the extract. */
import type { Tokens } from '../consent/log/consistency-token.js';
import { DomainError } from '../errors.js';

export type Look = { readonly revision: number; readonly parts: number };

const LOOK = /^([\w-]{1,64})\.(\d{1,10})$/;

export function lookToken({ revision, parts }: Look, tokens: Tokens): string {
  return `${tokens.of(revision)}.${parts}`;
}

/**
 * @param most how many parts the extract has
 * @throws DomainError `invalid_request`; `change_lost` when the log was restored from an older copy since
 */
export function lookIn(token: string, tokens: Tokens, most: number): Look {
  const [, of = '', seen = ''] = LOOK.exec(token) ?? [];
  const parts = Number(seen);
  const revision = of === '' ? NONE : tokens.entryOf(of, 'ask again without it');
  if (typeof revision === 'number' && parts <= most) return { revision, parts };
  const { code, fault } = typeof revision === 'number' ? NONE : revision;
  throw new DomainError(code, `\`since\` ${fault}`, '/since');
}

const NONE = {
  code: 'invalid_request',
  fault: 'is none that a look at this extract ended with: send that back as it was given',
} as const;
