/** What a view shows stands in its address, so that it can be shared. */
import { useSyncExternalStore } from 'react';
import { useSearch, useLocation } from 'wouter';

/** Settings of a view by name, each with what holds where the address says nothing. */
type Names = Readonly<Record<string, string>>;
/** Changes some settings. */
export type Change<N extends Names> = (changed: Partial<Record<keyof N, string>>, how?: How) => void;
/** What was chosen is a step that Back takes back; a text on the way, which is not whole yet, is none. */
type How = 'chosen' | 'typed';
type Shared<N extends Names> = readonly [Readonly<Record<keyof N, string>>, Change<N>];

/** In the query, which is sent to the service and stands in logs of what is before it: nothing about a person. */
export function useQueryState<const N extends Names>(names: N): Shared<N> {
  const search = useSearch();
  const [path, go] = useLocation();
  return [
    settingsIn(search, names),
    (changed, how = 'chosen') => {
      const text = withSettings(search, changed, names);
      if (text !== withSettings(search, {}, names))
        go(text === '' ? path : `${path}?${text}`, { replace: how === 'typed' });
    },
  ];
}

/** In the fragment, which no browser sends to anybody (RFC 3986, section 3.5): for views that name people. */
export function useFragmentState<const N extends Names>(names: N): Shared<N> {
  const fragment = useSyncExternalStore(listen, () => location.hash.slice(1));
  return [
    settingsIn(fragment, names),
    (changed, how = 'chosen') => {
      const text = withSettings(fragment, changed, names);
      if (text === withSettings(fragment, {}, names)) return;
      const { pathname, search } = location;
      const address = `${pathname}${search}${text === '' ? '' : `#${text}`}`;
      if (how === 'typed') history.replaceState(null, '', address);
      else history.pushState(null, '', address);
      dispatchEvent(new HashChangeEvent('hashchange'));
    },
  ];
}

function listen(onChange: () => void): () => void {
  addEventListener('hashchange', onChange);
  return () => removeEventListener('hashchange', onChange);
}

function settingsIn<N extends Names>(text: string, names: N): Readonly<Record<keyof N, string>> {
  const written = new URLSearchParams(text);
  const settings: Partial<Record<keyof N, string>> = {};
  for (const name in names) settings[name] = written.get(name) ?? names[name];
  return { ...names, ...settings };
}

function withSettings(
  text: string,
  changed: Readonly<Record<string, string | undefined>>,
  names: Names,
): string {
  const next = new URLSearchParams(text);
  for (const [name, value] of Object.entries(changed)) {
    if (value === undefined || value === names[name]) next.delete(name);
    else next.set(name, value);
  }
  return next.toString();
}
