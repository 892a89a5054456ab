/** A session: who signed in, and how long that counts. */
import type { AdminCaller, UserCaller } from '../access/caller.js';
import { ROLES } from '../access/policy-permissions.js';
import { ME, isId } from '../id.js';
import { CLOCK_TOLERANCE_MS } from '../time.js';

/** Who can sign in: people. */
export type Person = AdminCaller | UserCaller;

export type Session = {
  /** 16 random bytes, in base64url. */
  readonly id: string;
  readonly person: Person;
  /** Who says so. */
  readonly issuer: string;
  /** When it began, and when it was last renewed, in milliseconds since the Unix epoch. */
  readonly began: number;
  readonly renewed: number;
};

/** In milliseconds: how long a session lasts without a request, and at most. */
export type Lifetimes = { readonly idle: number; readonly longest: number };

const RENEWED_AFTER = 1 / 4;
const ID = /^[\w-]{21}[AQgw]$/;

/** When a session ends unless it is renewed. */
export function endOf({ began, renewed }: Session, { idle, longest }: Lifetimes): number {
  return Math.min(began + longest, renewed + idle);
}

/** Whether a session lasts. One from the future does not: a clock was set, so nobody knows its age. */
export function lasts(session: Session, lifetimes: Lifetimes, now: number): boolean {
  const { began, renewed } = session;
  return began <= renewed && renewed <= now + CLOCK_TOLERANCE_MS && now < endOf(session, lifetimes);
}

/** Whether enough of the idle time has passed to write the session anew. */
export function isToRenew({ renewed }: Session, { idle }: Lifetimes, now: number): boolean {
  return now - renewed >= idle * RENEWED_AFTER;
}

/** What is sealed of a session. */
export function contentOf({ id, person, issuer, began, renewed }: Session): object {
  const roles = person.kind === 'admin' ? [...person.roles] : [];
  return { id, kind: person.kind, person: person.id, roles, issuer, began, renewed };
}

/** The session that a content is of; `undefined` when it is of none. */
export function sessionOf(content: unknown): Session | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const { id, kind, person, roles, issuer, began, renewed }: Readonly<Record<string, unknown>> = {
    ...content,
  };
  if (typeof id !== 'string' || !ID.test(id) || typeof issuer !== 'string') return undefined;
  if (!isTime(began) || !isTime(renewed)) return undefined;
  const who = personOf(kind, person, roles);
  return who && { id, person: who, issuer, began, renewed };
}

/** A person, if they are one who can sign in. */
export function personOf(kind: unknown, id: unknown, roles: unknown): Person | undefined {
  if (!isId(id) || id === ME || !Array.isArray(roles)) return undefined;
  if (!roles.every((role): role is string => typeof role === 'string' && Object.hasOwn(ROLES, role)))
    return undefined;
  if (kind === 'user' && roles.length === 0) return { kind, id };
  return kind === 'admin' && roles.length > 0 ? { kind, id, roles: new Set(roles) } : undefined;
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
