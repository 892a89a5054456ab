import type { CaseActor, CaseEvent, CaseReader, CaseScope } from '../../cases/cases.store.js';
import { memberOf } from '../../json.js';

/*
 * Parses the events of cases. Everything is checked: another build may have written them.
 */

/** @throws Error when it is none that this build knows */
export function readCaseEvent(value: unknown): CaseEvent {
  const said = {
    by: readActor(memberOf(value, 'by')),
    at: numberAt(value, 'at'),
    reason: textAt(value, 'reason'),
  };
  const kind = textAt(value, 'kind');
  switch (kind) {
    case 'opened':
      return { kind, ...said, scope: readScope(memberOf(value, 'scope')) };
    case 'approved':
    case 'closed':
    case 'extension_approved':
      return { kind, ...said };
    case 'extended':
      return { kind, ...said, expiresAt: numberAt(value, 'expiresAt') };
    case 'reassigned':
      return { kind, ...said, reviewers: readersAt(value, 'reviewers') };
    default:
      return unreadable('kind');
  }
}

function readScope(value: unknown): CaseScope {
  const report = memberOf(value, 'report');
  return {
    purpose: textAt(value, 'purpose'),
    user: textAt(value, 'user'),
    report: report === null ? null : textAt(value, 'report'),
    items: textsAt(value, 'items'),
    fields: textsAt(value, 'fields'),
    reviewers: readersAt(value, 'reviewers'),
    expiresAt: numberAt(value, 'expiresAt'),
    // older builds could not say it
    discloseAfter:
      (memberOf(value, 'discloseAfter') ?? null) === null ? null : numberAt(value, 'discloseAfter'),
  };
}

function readActor(value: unknown): CaseActor {
  const kind = textAt(value, 'kind');
  return kind === 'service' || kind === 'admin' ? { kind, id: textAt(value, 'id') } : unreadable('by');
}

function readersAt(value: unknown, name: string): CaseReader[] {
  return listAt(value, name).map((one) => ({ issuer: textAt(one, 'issuer'), id: textAt(one, 'id') }));
}

function textsAt(value: unknown, name: string): string[] | null {
  if (memberOf(value, name) === null) return null;
  return listAt(value, name).map((one) => (typeof one === 'string' ? one : unreadable(name)));
}

function listAt(value: unknown, name: string): unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : unreadable(name);
}

function textAt(value: unknown, name: string): string {
  const text = memberOf(value, name);
  return typeof text === 'string' ? text : unreadable(name);
}

function numberAt(value: unknown, name: string): number {
  const number = memberOf(value, name);
  return typeof number === 'number' ? number : unreadable(name);
}

function unreadable(name: string): never {
  throw new Error(`an event of a case has an unreadable \`${name}\``);
}
