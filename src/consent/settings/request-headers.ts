/** What requests about settings say in their headers. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { languagesOf } from '../../decision/policy.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { tagsToMatch } from '../../http/headers/entity-tags.js';
import type { LanguageQuery } from './settings.dto.js';
import type { PurposesOn } from './settings.js';

/** The language of an answer about settings. */
export function languageFor(
  { policy }: PurposesOn,
  reply: FastifyReply,
  headers: IncomingHttpHeaders,
  { language }: LanguageQuery,
): string {
  return answerLanguage(reply, headers['accept-language'], languagesOf(policy.document), language);
}

/** The marks of the settings that a change rests on. @throws DomainError `invalid_request` */
export function seenIn(ifMatch: string | undefined): readonly string[] | undefined {
  return tagsToMatch(ifMatch, 'settings')?.map((tag) => tag.split('.', 1)[0] ?? '');
}
