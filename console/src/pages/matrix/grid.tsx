/**
 * A table of very many small cells: only those in sight are drawn. One stop for the Tab key; arrows, Home, End and Page
 * keys move in it (WAI-ARIA APG, grid pattern).
 */
import { type KeyboardEvent, memo, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { Tone } from './marks.js';

export type Cell = {
  readonly sign: string;
  readonly tone: Tone;
  readonly label: string;
  /** How it differs from what it is compared with. */
  readonly change?: 'opened' | 'closed' | undefined;
};

type Heading = { readonly id: string; readonly title: string };

type Props = {
  readonly label: string;
  readonly rows: readonly Heading[];
  readonly columns: readonly Heading[];
  /** Of the places in `rows` and `columns`. Another function means other cells. */
  readonly cellAt: (row: number, column: number) => Cell;
  readonly chosen: { readonly row: number; readonly column: number } | undefined;
  readonly onChoose: (row: number, column: number) => void;
};

/** Sizes in pixels, as matrix.css has them. */
const ROW = 24;
const COLUMN = 28;
const HEAD = 150;
const SIDE = 230;
/** Rows and columns that are drawn beyond those in sight, at least: as far as it is scrolled until they are drawn. */
const BEYOND = 6;
/** So many are drawn at a time, so that scrolling draws seldom, and little. */
const BLOCK = 4;

type Sight = {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromColumn: number;
  readonly toColumn: number;
};
const FIRST_SIGHT: Sight = { fromRow: 0, toRow: 60, fromColumn: 0, toColumn: 60 };

/** @param from where what is in sight begins, in pixels @param room how much is in sight @param size of one */
function inSightOf(from: number, room: number, size: number): readonly [from: number, to: number] {
  const first = Math.floor((from / size - BEYOND) / BLOCK) * BLOCK;
  const end = Math.ceil(((from + room) / size + BEYOND) / BLOCK) * BLOCK;
  return [Math.max(0, first), Math.max(0, end)];
}

export function Grid({ label, rows, columns, cellAt, chosen, onChoose }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState(FIRST_SIGHT);
  const [place, setPlace] = useState(chosen ?? { row: 0, column: 0 });
  const active = {
    row: Math.min(place.row, rows.length - 1),
    column: Math.min(place.column, columns.length - 1),
  };

  const look = useCallback(() => {
    const { current } = frame;
    if (current === null) return;
    const { scrollTop, scrollLeft, clientHeight, clientWidth } = current;
    const [fromRow, toRow] = inSightOf(scrollTop, clientHeight - HEAD, ROW);
    const [fromColumn, toColumn] = inSightOf(scrollLeft, clientWidth - SIDE, COLUMN);
    const next = { fromRow, toRow, fromColumn, toColumn };
    setSight((known) => (isSame(known, next) ? known : next));
  }, []);
  useLayoutEffect(() => {
    look();
    const everything = () => setSight({ fromRow: 0, toRow: Infinity, fromColumn: 0, toColumn: Infinity });
    addEventListener('resize', look);
    addEventListener('beforeprint', everything);
    addEventListener('afterprint', look);
    return () => {
      removeEventListener('resize', look);
      removeEventListener('beforeprint', everything);
      removeEventListener('afterprint', look);
    };
  }, [look]);

  const move = (row: number, column: number) => {
    const next = {
      row: Math.max(0, Math.min(row, rows.length - 1)),
      column: Math.max(0, Math.min(column, columns.length - 1)),
    };
    setPlace(next);
    bringIntoSight(frame.current, next);
    look();
    // drawn by then
    requestAnimationFrame(() =>
      frame.current
        ?.querySelector<HTMLElement>(`[data-row="${next.row}"][data-column="${next.column}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { row, column } = active;
    const page = Math.max(1, Math.floor(((frame.current?.clientHeight ?? 0) - HEAD) / ROW) - 1);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => move(row + 1, column),
      ArrowUp: () => move(row - 1, column),
      ArrowRight: () => move(row, column + 1),
      ArrowLeft: () => move(row, column - 1),
      PageDown: () => move(row + page, column),
      PageUp: () => move(row - page, column),
      Home: () => move(event.ctrlKey ? 0 : row, 0),
      End: () => move(event.ctrlKey ? rows.length - 1 : row, columns.length - 1),
      Enter: () => onChoose(row, column),
      ' ': () => onChoose(row, column),
    };
    const moved = moves[event.key];
    if (moved === undefined) return;
    event.preventDefault();
    moved();
  };

  const fromRow = Math.min(sight.fromRow, rows.length);
  const toRow = Math.min(sight.toRow, rows.length);
  const fromColumn = Math.min(sight.fromColumn, columns.length);
  const toColumn = Math.min(sight.toColumn, columns.length);
  const inSight = columns.slice(fromColumn, toColumn);
  return (
    <div className="matrix-frame" ref={frame} onScroll={look}>
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus -- its cells have the focus */}
      <table
        role="grid"
        aria-label={label}
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 1}
        style={{ width: SIDE + columns.length * COLUMN }}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const cell = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null;
          if (cell === null) return;
          const row = Number(cell.dataset['row']);
          const column = Number(cell.dataset['column']);
          setPlace({ row, column });
          onChoose(row, column);
        }}
      >
        <colgroup>
          <col style={{ width: SIDE }} />
          <col style={{ width: fromColumn * COLUMN }} />
          {inSight.map(({ id }) => (
            <col key={id} style={{ width: COLUMN }} />
          ))}
          <col style={{ width: (columns.length - toColumn) * COLUMN }} />
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <td className="corner" />
            <td aria-hidden="true" />
            {inSight.map(({ id, title }, index) => (
              <th key={id} scope="col" aria-colindex={fromColumn + index + 2} title={title}>
                <span className="id">{id}</span>
              </th>
            ))}
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          <tr aria-hidden="true" style={{ height: fromRow * ROW }} />
          {rows.slice(fromRow, toRow).map((row, index) => (
            <Row
              key={row.id}
              heading={row}
              row={fromRow + index}
              fromColumn={fromColumn}
              toColumn={toColumn}
              columns={columns}
              cellAt={cellAt}
              active={active.row === fromRow + index ? active.column : undefined}
              chosen={chosen?.row === fromRow + index ? chosen.column : undefined}
            />
          ))}
          <tr aria-hidden="true" style={{ height: (rows.length - toRow) * ROW }} />
        </tbody>
      </table>
    </div>
  );
}

type RowProps = {
  readonly heading: Heading;
  readonly row: number;
  readonly fromColumn: number;
  readonly toColumn: number;
  readonly columns: readonly Heading[];
  readonly cellAt: (row: number, column: number) => Cell;
  /** The column of the cell that has the focus, or gets it by Tab. */
  readonly active: number | undefined;
  readonly chosen: number | undefined;
};

const Row = memo(function Row({
  heading,
  row,
  fromColumn,
  toColumn,
  columns,
  cellAt,
  active,
  chosen,
}: RowProps) {
  return (
    <tr aria-rowindex={row + 2}>
      <th scope="row" aria-colindex={1} title={heading.title}>
        <span className="id">{heading.id}</span>
      </th>
      <td aria-hidden="true" />
      {blocksOf(fromColumn, toColumn).map((from) => (
        <Cells
          key={from}
          row={row}
          fromColumn={from}
          toColumn={Math.min(from + BLOCK, toColumn)}
          columns={columns}
          cellAt={cellAt}
          active={within(active, from)}
          chosen={within(chosen, from)}
        />
      ))}
      <td aria-hidden="true" />
    </tr>
  );
});

type CellsProps = Omit<RowProps, 'heading'>;

/** Cells side by side: while it is scrolled, those that stay in sight are not drawn again. */
const Cells = memo(function Cells({
  row,
  fromColumn,
  toColumn,
  columns,
  cellAt,
  active,
  chosen,
}: CellsProps) {
  return (
    <>
      {columns.slice(fromColumn, toColumn).map(({ id }, index) => {
        const column = fromColumn + index;
        const { sign, tone, label, change } = cellAt(row, column);
        return (
          <td
            key={id}
            role="gridcell"
            aria-colindex={column + 2}
            aria-label={label}
            aria-selected={chosen === column}
            title={label}
            data-row={row}
            data-column={column}
            data-tone={tone}
            data-change={change}
            tabIndex={active === column ? 0 : -1}
          >
            {sign}
          </td>
        );
      })}
    </>
  );
});

/** The first columns of the blocks between two columns; the first of these begins a block. */
function blocksOf(fromColumn: number, toColumn: number): number[] {
  return Array.from(
    { length: Math.ceil((toColumn - fromColumn) / BLOCK) },
    (_, block) => fromColumn + block * BLOCK,
  );
}

/** A column if it is one of the block that begins there. */
function within(column: number | undefined, from: number): number | undefined {
  return column !== undefined && column >= from && column < from + BLOCK ? column : undefined;
}

function isSame(one: Sight, other: Sight): boolean {
  return (
    one.fromRow === other.fromRow &&
    one.toRow === other.toRow &&
    one.fromColumn === other.fromColumn &&
    one.toColumn === other.toColumn
  );
}

/** Scrolls as little as it takes; headings cover the first of what is in sight. */
function bringIntoSight(
  frame: HTMLDivElement | null,
  { row, column }: { readonly row: number; readonly column: number },
): void {
  if (frame === null) return;
  const [top, left] = [row * ROW, column * COLUMN];
  const height = frame.clientHeight - HEAD - ROW;
  const width = frame.clientWidth - SIDE - COLUMN;
  frame.scrollTop = Math.min(Math.max(frame.scrollTop, top - height), top);
  frame.scrollLeft = Math.min(Math.max(frame.scrollLeft, left - width), left);
}
