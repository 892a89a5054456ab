/** Diverging bars: from the middle to the left what closes, to the right what opens. The table of it stands below. */
import { scaleLinear } from 'd3-scale';
import { useLanguage } from '../words/words.js';
import './bars.css';

type Props = {
  readonly label: string;
  /** What each side is. */
  readonly closes: string;
  readonly opens: string;
  readonly bars: ReadonlyMap<string, { readonly opened: number; readonly closed: number }>;
};

/** Sizes in units of the picture. */
const WIDTH = 720;
const NAMES = 200;
const ROW = 24;
const HEAD = 24;
/** For the numbers at both ends. */
const ENDS = 70;

export function Bars({ label, closes, opens, bars }: Props) {
  const language = useLanguage();
  const rows = [...bars];
  const most = Math.max(1, ...rows.flatMap(([, { opened, closed }]) => [opened, closed]));
  const x = scaleLinear([-most, most], [NAMES + ENDS, WIDTH - ENDS]);
  const middle = x(0);
  const height = HEAD + rows.length * ROW;
  return (
    <svg className="diverging" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={label}>
      <text x={middle - 8} y={14} textAnchor="end" className="quiet">
        ← {closes}
      </text>
      <text x={middle + 8} y={14} className="quiet">
        {opens} →
      </text>
      {rows.map(([purpose, { opened, closed }], at) => {
        const y = HEAD + at * ROW;
        return (
          <g key={purpose}>
            <text x={NAMES - 8} y={y + 16} textAnchor="end">
              {purpose}
            </text>
            <rect className="closed" x={x(-closed)} y={y + 4} width={middle - x(-closed)} height={ROW - 8} />
            <rect className="opened" x={middle} y={y + 4} width={x(opened) - middle} height={ROW - 8} />
            {closed === 0 ? null : (
              <text x={x(-closed) - 6} y={y + 16} textAnchor="end">
                {closed.toLocaleString(language)}
              </text>
            )}
            {opened === 0 ? null : (
              <text x={x(opened) + 6} y={y + 16}>
                {opened.toLocaleString(language)}
              </text>
            )}
          </g>
        );
      })}
      <line x1={middle} x2={middle} y1={HEAD - 4} y2={height} />
    </svg>
  );
}
