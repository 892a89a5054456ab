/** The charts of the report: small SVG files, drawn by hand, readable on light and on dark. */

const STYLE = `<style>
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-weight: 600; font-size: 14px; }
    .small { font-size: 11px; fill: #57606a; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .other { fill: #8c959f; }
    .own { fill: #0969da; }
    .s0 { stroke: #0969da; fill: #0969da; }
    .s1 { stroke: #bc4c00; fill: #bc4c00; }
    .s2 { stroke: #1a7f37; fill: #1a7f37; }
    polyline { fill: none !important; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .small { fill: #9198a1; }
      .grid { stroke: #3d444d; }
    }
  </style>`;

const WIDTH = 720;

/**
 * Bars on a logarithmic scale, one a row.
 *
 * @param {string} title
 * @param {{ label: string, value: number, text: string }[]} rows
 */
export function bars(title, rows) {
  const left = 150;
  const right = 130;
  const low = Math.floor(Math.log10(Math.min(...rows.map(({ value }) => value))) - 0.3);
  const high = Math.ceil(Math.log10(Math.max(...rows.map(({ value }) => value))));
  const x = (value) => left + ((Math.log10(value) - low) / (high - low)) * (WIDTH - left - right);
  const bottom = 48 + rows.length * 30;
  const grid = range(low, high).map(
    (power) =>
      `<line class="grid" x1="${x(10 ** power)}" x2="${x(10 ** power)}" y1="40" y2="${bottom}"/>` +
      `<text class="small" x="${x(10 ** power)}" y="${bottom + 16}" text-anchor="middle">${short(10 ** power)}</text>`,
  );
  const drawn = rows.map(({ label, value, text }, row) => {
    const y = 48 + row * 30;
    return (
      `<text x="${left - 10}" y="${y + 15}" text-anchor="end">${escaped(label)}</text>` +
      `<rect class="${row === 0 ? 'own' : 'other'}" x="${left}" y="${y}" width="${round(x(value) - left)}" height="20" rx="2"/>` +
      `<text x="${round(x(value) + 8)}" y="${y + 15}">${escaped(text)}</text>`
    );
  });
  return svg(bottom + 44, title, [
    ...grid,
    ...drawn,
    `<text class="small" x="${left}" y="${bottom + 34}">logarithmic: each line is ten times the one before</text>`,
  ]);
}

/**
 * Lines on logarithmic scales.
 *
 * @param {string} title
 * @param {string} axis
 * @param {{ name: string, unit: string, points: [number, number][] }[]} series
 */
export function lines(title, axis, series) {
  const box = { left: 70, right: 190, top: 44, bottom: 290 };
  const all = series.flatMap(({ points }) => points);
  if (all.length === 0) return svg(80, title, []);
  const spanOf = (values) => [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const [x0, x1] = [
    Math.log10(Math.min(...all.map(([x]) => x))),
    Math.log10(Math.max(...all.map(([x]) => x))),
  ];
  const [y0, y1] = spanOf(all.map(([, y]) => y));
  const x = (value) =>
    round(box.left + ((Math.log10(value) - x0) / (x1 - x0 || 1)) * (WIDTH - box.left - box.right));
  const y = (value) =>
    round(box.bottom - ((Math.log10(value) - y0) / (y1 - y0 || 1)) * (box.bottom - box.top));
  const grid = range(y0, y1).map(
    (power) =>
      `<line class="grid" x1="${box.left}" x2="${WIDTH - box.right}" y1="${y(10 ** power)}" y2="${y(10 ** power)}"/>` +
      `<text class="small" x="${box.left - 8}" y="${y(10 ** power) + 4}" text-anchor="end">${short(10 ** power)}</text>`,
  );
  const ticks = [...new Set(all.map(([at]) => at))].map(
    (at) =>
      `<text class="small" x="${x(at)}" y="${box.bottom + 18}" text-anchor="middle">${short(at)}</text>`,
  );
  let above = -Infinity;
  const labels = new Map(
    series
      .filter(({ points }) => points.length > 0)
      .map((one) => ({ one, at: y(one.points.at(-1)[1]) }))
      .sort((a, b) => a.at - b.at)
      .map(({ one, at }) => {
        above = Math.max(at, above + 17);
        return [one, above];
      }),
  );
  const drawn = series.flatMap((one, place) => {
    const { name, unit, points } = one;
    const last = points.at(-1);
    if (last === undefined) return [];
    return [
      `<polyline class="s${place}" points="${points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"/>`,
      ...points.map(([at, value]) => `<circle class="s${place}" cx="${x(at)}" cy="${y(value)}" r="3"/>`),
      `<text x="${x(last[0]) + 10}" y="${labels.get(one) + 4}">${escaped(name)}, ${unit}</text>`,
    ];
  });
  return svg(box.bottom + 52, title, [
    ...grid,
    ...ticks,
    ...drawn,
    `<text class="small" x="${(box.left + WIDTH - box.right) / 2}" y="${box.bottom + 38}" text-anchor="middle">${escaped(axis)} (both axes logarithmic)</text>`,
  ]);
}

/**
 * How a figure went with time, from zero up.
 *
 * @param {string} title
 * @param {[number, number][]} points minutes, and the figure then
 * @param {number[]} marks minutes at which something happened
 * @param {number} end minutes
 */
export function course(title, points, marks, end) {
  const box = { left: 60, right: 20, top: 44, bottom: 200 };
  const most = Math.max(...points.map(([, value]) => value), 0);
  const step = 10 ** Math.floor(Math.log10(most || 1));
  const top = Math.ceil((most || 1) / step) * step;
  const x = (minute) => round(box.left + (minute / end) * (WIDTH - box.left - box.right));
  const y = (value) => round(box.bottom - (value / top) * (box.bottom - box.top));
  const grid = [0, top / 2, top].map(
    (value) =>
      `<line class="grid" x1="${box.left}" x2="${WIDTH - box.right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text class="small" x="${box.left - 8}" y="${y(value) + 4}" text-anchor="end">${short(round(value * 100) / 100)}</text>`,
  );
  const ticks = [0, end / 2, end].map(
    (minute) =>
      `<text class="small" x="${x(minute)}" y="${box.bottom + 18}" text-anchor="middle">${short(round(minute))}</text>`,
  );
  return svg(box.bottom + 52, title, [
    ...grid,
    ...ticks,
    ...marks.map(
      (minute) =>
        `<line class="grid" x1="${x(minute)}" x2="${x(minute)}" y1="${box.bottom}" y2="${box.bottom + 6}"/>`,
    ),
    `<polyline class="s0" points="${points.map(([minute, value]) => `${x(minute)},${y(value)}`).join(' ')}"/>`,
    `<text class="small" x="${(box.left + WIDTH - box.right) / 2}" y="${box.bottom + 38}" text-anchor="middle">minutes; each short line is a fault</text>`,
  ]);
}

function svg(height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
  ${STYLE}
  <text class="title" x="16" y="24">${escaped(title)}</text>
  ${parts.join('\n  ')}
</svg>
`;
}

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function short(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value.toLocaleString('en');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
