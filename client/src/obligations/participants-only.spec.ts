/** Data for its participants gets to nobody else, by no way that logs and answers are written. */
import { format, inspect } from 'node:util';
import { assert, constantFrom, property, string, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParticipantsOnly } from './participants-only.js';

const MESSAGE = 'see you at noon';
const thread = new ParticipantsOnly({ text: MESSAGE }, ['u-1', 'u-2']);

describe('data for participants only', () => {
  it('is shown to each of them and to nobody else', () => {
    const ids = uniqueArray(
      string({ minLength: 1, maxLength: 9, unit: constantFrom('a', 'Z', '7', 'é', '日', '😀') }),
      {
        minLength: 2,
        maxLength: 6,
      },
    );
    assert(
      property(ids, ([stranger = '', ...members]) => {
        const data = new ParticipantsOnly(MESSAGE, members);
        for (const member of members) expect(data.for(member)).toBe(MESSAGE);
        expect(() => data.for(stranger)).toThrow(expect.objectContaining({ code: 'not_a_participant' }));
      }),
    );
  });

  it('is shown to nobody whose id is that of a member of every object', () => {
    for (const viewer of ['__proto__', 'constructor', 'has', '', 'U-1', 'u-1 '])
      expect(() => thread.for(viewer)).toThrow('not one of the participants');
  });

  it('is in no log, text or JSON', () => {
    for (const text of [
      inspect(thread),
      inspect({ deep: [thread] }, { depth: 9, showHidden: true }),
      format('%o %s', thread, thread),
      String(thread),
    ])
      expect(text).not.toContain('noon');
    expect(() => JSON.stringify({ thread })).toThrow(expect.objectContaining({ code: 'not_for_output' }));
    expect(Object.entries(thread)).toEqual([]);
    // what is sent to another thread or stored by structured clone
    expect(structuredClone(thread)).toEqual({});
  });

  it('is that of somebody', () => {
    expect(() => new ParticipantsOnly(MESSAGE, [])).toThrow('nobody is a participant');
    expect(() => new ParticipantsOnly(MESSAGE, [''])).toThrow('a participant is no id');
    expect(() => new ParticipantsOnly(MESSAGE, Array<string>(1))).toThrow('a participant is no id');
  });

  it('is not that of each letter of an id', () => {
    expect(() => new ParticipantsOnly(MESSAGE, JSON.parse('"u-1"'))).toThrow(
      expect.objectContaining({ code: 'bad_input' }),
    );
  });

  it('stays that of those it was made for', () => {
    const members = ['u-1'];
    const data = new ParticipantsOnly(MESSAGE, members);
    members.push('u-9');
    expect(() => data.for('u-9')).toThrow('not one of the participants');
  });
});
