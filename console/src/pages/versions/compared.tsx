/** What the documents of two versions say otherwise, line by line. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import { Link } from 'wouter';
import { api, said } from '../../api/api.js';
import { useVersion } from '../../api/policy.js';
import { save } from '../../parts/csv.js';
import { type Piece, differenceOf } from '../../parts/difference.js';
import { Said } from '../../parts/said.js';
import { Scrolls } from '../../parts/scrolls.js';
import { visible } from '../../parts/visible.js';
import { useWordsOf } from '../../words/words.js';
import { VERSIONS } from './words.js';

/** Unchanged lines around each change. */
const AROUND = 3;
/** Places that are shown; with more nobody reads them one by one. */
const MOST = 200;
const YAML = 'application/yaml';

function useText(id: string) {
  return useQuery({
    queryKey: ['text', id],
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      said(
        api.GET('/v1/policies/{id}', {
          params: { path: { id }, header: { Accept: YAML } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export function Compared({ from, to }: { readonly from: string; readonly to: string }) {
  const [before, after] = [useText(from), useText(to)];
  const error = before.error ?? after.error;
  if (error !== null)
    return (
      <Said
        error={error}
        again={() => {
          void before.refetch();
          void after.refetch();
        }}
      />
    );
  if (before.data === undefined || after.data === undefined) return <Said busy />;
  return (
    <>
      <InMatrix from={from} to={to} />
      <Lines before={before.data} after={after.data} />
    </>
  );
}

/** Leads to the law under which a purpose has another setting; where there is none, to the first. */
function InMatrix({ from, to }: { readonly from: string; readonly to: string }) {
  const own = useWordsOf(VERSIONS);
  const [before, after] = [useVersion(from).data, useVersion(to).data];
  const settings = new Map(before?.document.purposes.map((purpose) => [purpose.id, purpose.settings]));
  const regime = after?.document.regimes.find(({ id }) =>
    after.document.purposes.some((purpose) => purpose.settings[id] !== settings.get(purpose.id)?.[id]),
  );
  const query = new URLSearchParams({
    version: to,
    with: from,
    ...(regime === undefined ? {} : { regime: regime.id }),
  });
  return (
    <p>
      <Link href={`/matrix?${query.toString()}`}>{own.inMatrix}</Link>
    </p>
  );
}

function Lines({ before, after }: { readonly before: string; readonly after: string }) {
  const own = useWordsOf(VERSIONS);
  const pieces = useMemo(() => differenceOf(before.split('\n'), after.split('\n')), [before, after]);
  const count = (kind: Piece['kind']) =>
    (pieces ?? []).filter((piece) => piece.kind === kind).reduce((sum, { items }) => sum + items.length, 0);
  const places = useMemo(() => placesOf(pieces ?? []), [pieces]);
  return (
    <section aria-labelledby="document">
      <h3 id="document">{own.document}</h3>
      <p>
        {pieces === undefined
          ? own.tooLong
          : places.length === 0
            ? own.same
            : own.lines(count('gone'), count('new'))}
      </p>
      {places.slice(0, MOST).map(({ line, pieces: around }) => (
        <Scrolls key={line} className="place" label={`${own.document}: ${line}`}>
          <pre>
            <span className="quiet">{line}</span>
            {around.map(({ kind, items }, at) => {
              if (kind === 'same') return shown(items, '  ');
              return kind === 'gone' ? (
                <del key={at}>
                  <span className="hidden">{own.gone}: </span>
                  {shown(items, '- ')}
                </del>
              ) : (
                <ins key={at}>
                  <span className="hidden">{own.added}: </span>
                  {shown(items, '+ ')}
                </ins>
              );
            })}
          </pre>
        </Scrolls>
      ))}
      {places.length > MOST ? <p>{own.more(places.length - MOST)}</p> : null}
      <p className="bar">
        <Button onPress={() => save('before.yaml', YAML, before)}>{own.saveOld}</Button>
        <Button onPress={() => save('after.yaml', YAML, after)}>{own.saveNew}</Button>
      </p>
    </section>
  );
}

function shown(lines: readonly string[], sign: string): string {
  return lines.map((line) => `\n${sign}${visible(line)}`).join('');
}

type Place = { readonly line: number; readonly pieces: readonly Piece[] };

/** The changes, each with the lines around it, and the line of the new document that it begins at. */
function placesOf(all: readonly Piece[]): Place[] {
  const places: { line: number; pieces: Piece[] }[] = [];
  let line = 1;
  let place: Piece[] | undefined;
  for (const piece of all) {
    const { kind, items } = piece;
    if (kind === 'same') {
      // changes that are close to each other stand together
      const isShort = items.length <= 2 * AROUND;
      place?.push({ kind, items: isShort ? items : items.slice(0, AROUND) });
      if (!isShort) place = undefined;
    } else if (place === undefined) {
      const lead = leadOf(all, piece);
      place = [{ kind: 'same', items: lead }, piece];
      places.push({ line: line - lead.length, pieces: place });
    } else place.push(piece);
    if (kind !== 'gone') line += items.length;
  }
  return places;
}

/** The unchanged lines before a change. */
function leadOf(all: readonly Piece[], piece: Piece): readonly string[] {
  const before = all[all.indexOf(piece) - 1];
  return before?.kind === 'same' ? before.items.slice(-AROUND) : [];
}
