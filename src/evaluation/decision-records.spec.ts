/** Which answers wait for their record though the settings would let them leave before it is written. */
import { beforeEach, describe, expect, it } from 'vitest';
import { policiesOn } from '../../test/at-once.js';
import { MemoryRecording } from '../../test/memory/memory-recording.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { serviceUnder } from '../access/clients.js';
import { DecisionRecords } from './decision-records.js';

const { current } = policiesOn(REFERENCE);
const CLIENT = serviceUnder(
  {},
  { kind: 'service', id: 'scan', purposes: new Set(), listings: { purposes: [], scopes: [] } },
);
const PERMIT = { permit: true, reason: 'permitted', obligations: [] } as const;

/** Writes when it is told to, and has nothing wait for it that need not. */
class FastRecording extends MemoryRecording {
  private write = (_works: boolean): void => undefined;
  private readonly written = new Promise<boolean>((resolve) => (this.write = resolve));

  override settled(isBinding: boolean): Promise<boolean> | undefined {
    return isBinding ? this.written : undefined;
  }

  /** @param works whether that succeeds */
  async writeAll(works = true): Promise<void> {
    this.write(works);
    await this.written;
  }
}

describe('where records are written after the answer', () => {
  let recording: FastRecording;
  let records: DecisionRecords;
  let now = 0;

  beforeEach(() => {
    recording = new FastRecording();
    records = new DecisionRecords(recording, { numberOf: () => 1 }, () => now);
  });

  const decide = (field: string) => {
    const record = records.must(CLIENT, 'r-1');
    const question = { purpose: 'security.malware_scan', action: 'read', field } as const;
    record.decision(current, 0, undefined, { ...question, clientPurposes: new Set(), facts: 0 }, 1, PERMIT);
    record.end();
  };

  it('an answer that may hold no message need not wait', () => {
    decide('member.skills');
    expect(records.settled()).toBeUndefined();
  });

  it('one that may waits, whoever else asks first, until it is written', async () => {
    decide('message.body');
    expect(records.settled()).toBeInstanceOf(Promise);
    expect(records.settled()).toBeInstanceOf(Promise);
    await recording.writeAll();
    expect(records.settled()).toBeUndefined();
  });

  it('one that may waits also after a write that failed', async () => {
    decide('message.body');
    const settled = records.settled();
    await recording.writeAll(false);
    expect(await settled).toBe(false);
    expect(records.settled()).toBeInstanceOf(Promise);
  });

  it('each part is of the time at which it was decided', () => {
    const parts = records.must(CLIENT, 'r-1');
    const part = {
      way: 'audience',
      purpose: 'ads',
      fields: [],
      stream: 's',
      isLast: false,
      sets: [],
      refused: {},
    } as const;
    for (now of [5, 3_600_000]) parts.users(current, 0, undefined, { ...part, part: 0 });
    void MemoryRecording.prototype.settled.call(recording);
    expect(recording.entries.map(({ at }) => at)).toEqual([5, 3_600_000]);
  });

  it.each(['message.body', 'message.body@everyone'])(
    'one about many people waits where it has messages, as `%s`',
    (permit) => {
      const question = { way: 'audience', purpose: 'security.malware_scan', fields: [permit] } as const;
      const part = { stream: 's', part: 0, isLast: true, refused: {} };
      const set = { permits: [permit], obligations: [], users: Uint32Array.of(1), strangers: [] };
      records.must(CLIENT, 'r-1').users(current, 0, undefined, { ...question, ...part, sets: [set] });
      expect(records.settled()).toBeInstanceOf(Promise);
    },
  );
});
