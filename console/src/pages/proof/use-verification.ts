/** The verification of the consent log, which the service tells of while it goes on. */
import { useEffect, useRef, useState } from 'react';
import { api, said } from '../../api/api.js';
import { linesIn } from '../../parts/lines.js';

export type Verification =
  | { readonly kind: 'running'; readonly verified: number; readonly of: number | undefined }
  | { readonly kind: 'intact'; readonly revision: number; readonly hash: string; readonly at: string }
  | { readonly kind: 'broken'; readonly revision: number; readonly because: string; readonly at: string }
  /** It ended without a result, so nothing is known. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'refused'; readonly error: Error };

export function useVerification(): {
  readonly state: Verification | undefined;
  readonly begin: () => void;
  readonly stop: () => void;
} {
  const [state, setState] = useState<Verification>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const begin = () => {
    const controller = new AbortController();
    running.current?.abort();
    running.current = controller;
    setState({ kind: 'running', verified: 0, of: undefined });
    void verified(controller.signal, setState).then((end) => {
      // the one that was stopped, or begun anew, says nothing any more
      if (running.current === controller) setState(controller.signal.aborted ? { kind: 'stopped' } : end);
    });
  };
  return { state, begin, stop: () => running.current?.abort() };
}

async function verified(signal: AbortSignal, tell: (state: Verification) => void): Promise<Verification> {
  let body: ReadableStream<Uint8Array> | null;
  try {
    // it takes as long as the log is long
    const patient = (request: Request) => fetch(request);
    body = await said(api.POST('/v1/log/verification', { parseAs: 'stream', fetch: patient, signal }));
  } catch (error) {
    return { kind: 'refused', error: error instanceof Error ? error : new Error(String(error)) };
  }
  let end: Verification = { kind: 'cut' };
  try {
    if (body !== null)
      for await (const line of linesIn(body)) {
        if (signal.aborted) break;
        const told = toldBy(line);
        if (told.kind === 'running') tell(told);
        end = told.kind === 'running' ? { kind: 'cut' } : told;
      }
    return end;
  } catch {
    return { kind: 'cut' };
  }
}

/** What a line says; one that says neither is no result. */
function toldBy(line: unknown): Verification {
  const told: Readonly<Record<string, unknown>> = Object(line);
  const { intact, revision, hash, broken_at: broken, because, verified, of } = told;
  const at = new Date().toISOString();
  if (intact === true && typeof revision === 'number' && typeof hash === 'string')
    return { kind: 'intact', revision, hash, at };
  if (intact === false && typeof broken === 'number')
    return { kind: 'broken', revision: broken, because: typeof because === 'string' ? because : '', at };
  if (typeof verified === 'number' && typeof of === 'number') return { kind: 'running', verified, of };
  return { kind: 'cut' };
}
