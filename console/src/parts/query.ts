/** What a view shows stands in its address, so that it can be shared: the settings of a view as its query. */
import { useSearch, useLocation } from 'wouter';

/**
 * @param names of the settings of the view, each with what holds where the address says nothing
 * @returns the settings, and a function that changes some of them
 */
export function useQueryState<const Names extends Readonly<Record<string, string>>>(
  names: Names,
): readonly [Readonly<Record<keyof Names, string>>, (changed: Partial<Record<keyof Names, string>>) => void] {
  const search = useSearch();
  const [path, go] = useLocation();
  const query = new URLSearchParams(search);
  const settings: Record<string, string> = {};
  for (const [name, usual] of Object.entries(names)) settings[name] = query.get(name) ?? usual;
  const change = (changed: Partial<Record<keyof Names, string>>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries<string | undefined>(changed)) {
      if (value === undefined || value === names[name]) next.delete(name);
      else next.set(name, value);
    }
    const text = next.toString();
    go(text === '' ? path : `${path}?${text}`, { replace: true });
  };
  return [proved(settings, names), change];
}

function proved<Names extends Readonly<Record<string, string>>>(
  settings: Readonly<Record<string, string>>,
  names: Names,
): Readonly<Record<keyof Names, string>> {
  const all: Partial<Record<keyof Names, string>> = {};
  for (const name in names) all[name] = settings[name] ?? '';
  return { ...names, ...all };
}
