import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, timeText } from '../../time.js';
import { rowOf } from './import-row.js';

const NOW = Date.UTC(2026, 10, 26);

test('nobody came back at a time that is still to come', () => {
  assert(
    property(integer({ min: -400 * DAY_MS, max: 400 * DAY_MS }), (apart) => {
      const row = rowOf({ user: 'u', region: 'DE', came_back_at: timeText(NOW + apart) }, NOW);
      expect(row).toEqual(
        apart > 0 ? 'came_back_at_not_valid' : { user: 'u', region: 'DE', cameBackAt: NOW + apart },
      );
    }),
    // at the moment itself, and a clock's difference after it
    { examples: [[0], [1], [DAY_MS]] },
  );
});
