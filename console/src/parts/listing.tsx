/** A table of things of one kind: its heading, how many there are, its file, and a sentence where there are none. */
import { type ReactNode, useId } from 'react';
import { Button } from 'react-aria-components';
import { inEach, useLanguage, useWords, useWordsOf } from '../words/words.js';
import { csvOf, save } from './csv.js';
import './listing.css';
import { Scrolls } from './scrolls.js';

export type Column<Row> = {
  /** Its name in the file. */
  readonly id: string;
  readonly title: ReactNode;
  readonly isNumber?: boolean;
  /** As it is read in the file; null: nothing is known. */
  readonly value: (row: Row) => string | number | null;
  /** As it is shown, where that is not the value. */
  readonly shown?: (row: Row) => ReactNode;
  /** Only to look at: not in the file. */
  readonly isDrawing?: boolean;
  readonly isOnlyInFile?: boolean;
};

export type ListingProps<Row> = {
  readonly title: string;
  /** What it is, and what it leaves out. */
  readonly about?: ReactNode;
  /** Name of the file, without its ending. */
  readonly file: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** What stands where there are no rows. */
  readonly none: string;
  /** Fetches the next page; absent: these are all. */
  readonly more?: (() => void) | undefined;
  readonly isBusy?: boolean;
  /** Stands above the table: its drawing. */
  readonly before?: ReactNode;
  /** What else may be done with it. */
  readonly children?: ReactNode;
};

const LISTING = inEach({ more: 'Show more', some: 'and more' }, { more: 'Mehr zeigen', some: 'und mehr' });

/** The first column names its row. */
export function Listing<Row>(props: ListingProps<Row>) {
  const { title, about, file, columns, rows, keyOf, none, more, isBusy = false, before, children } = props;
  const words = useWords();
  const own = useWordsOf(LISTING);
  const heading = useId();
  const seen = columns.filter(({ isOnlyInFile = false }) => !isOnlyInFile);
  const written = columns.filter(({ isDrawing = false }) => !isDrawing);
  const write = () =>
    save(
      `${file}.csv`,
      'text/csv',
      csvOf([written.map(({ id }) => id), ...rows.map((row) => written.map(({ value }) => value(row)))]),
    );
  return (
    <section className="listing" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      {about === undefined ? null : <p className="quiet">{about}</p>}
      {before}
      {rows.length === 0 ? (
        <p>{none}</p>
      ) : (
        <Scrolls label={{ of: heading }}>
          <table className="table" aria-labelledby={heading}>
            <thead>
              <tr>
                {seen.map(({ id, title, isNumber }) => (
                  <th key={id} scope="col" className={isNumber === true ? 'number' : undefined}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={keyOf(row)}>
                  {seen.map((column, place) => (
                    <Cell key={column.id} column={column} row={row} isHeading={place === 0} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
      <div className="foot">
        {rows.length === 0 ? null : (
          <>
            <span className="quiet">
              {words.rows(rows.length)}
              {more === undefined ? '' : ` ${own.some}`}
            </span>
            {more === undefined ? null : (
              <Button onPress={more} isPending={isBusy}>
                {own.more}
              </Button>
            )}
            <Button onPress={write} aria-label={`${words.exportTable}: ${title}`}>
              {words.exportTable}
            </Button>
          </>
        )}
        {children}
      </div>
    </section>
  );
}

type CellProps<Row> = { readonly column: Column<Row>; readonly row: Row; readonly isHeading: boolean };

function Cell<Row>({ column: { isNumber, value, shown }, row, isHeading }: CellProps<Row>) {
  const className = isNumber === true ? 'number' : undefined;
  const inside = shown === undefined ? <Plain value={value(row)} /> : shown(row);
  return isHeading ? (
    <th scope="row" className={className}>
      {inside}
    </th>
  ) : (
    <td className={className}>{inside}</td>
  );
}

function Plain({ value }: { readonly value: string | number | null }) {
  if (value === null) return <span className="quiet">–</span>;
  return typeof value === 'number' ? <Count of={value} /> : <bdi>{value}</bdi>;
}

/** A number as it is written in the language that is spoken. */
export function Count({ of }: { readonly of: number }) {
  return <>{of.toLocaleString(useLanguage())}</>;
}
