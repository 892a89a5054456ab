/** Who is signed in, and what they may do: views offer that alone, and say why not the rest. */
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { api, said } from './api.js';
import type { components } from './types.js';

export type Me = components['schemas']['Caller'];

const ME = ['me'] as const;

/** Asks who is signed in. */
export function useCaller() {
  return useQuery({
    queryKey: ME,
    queryFn: ({ signal }) => said(api.GET('/v1/me', { signal })),
    // somebody else may have signed in in another tab
    refetchOnWindowFocus: 'always',
  });
}

const MeContext = createContext<Me | undefined>(undefined);
export const MeProvider = MeContext.Provider;

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext);
  // INVARIANT: the shell shows views only to somebody who is signed in
  if (me === undefined) throw new Error('a view stands outside of the shell');
  return me;
}

export type Allowed = { readonly may: true } | { readonly may: false; readonly why: string };

/** Whether they may use a route, as `POST /v1/policies/drafts`; else the reason, in the words of the service. */
export function useMay(route: string): Allowed {
  return allowedTo(useMe(), [route]);
}

/** Whether somebody may use one of these routes; else why not the first. */
export function allowedTo({ may, may_not }: Me, routes: readonly string[]): Allowed {
  const [first = ''] = routes;
  return routes.some((route) => may.includes(route))
    ? { may: true }
    : { may: false, why: may_not[first] ?? '' };
}
