import { assert, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { readJson } from './json.js';

test('what JSON writes is read as it was', () => {
  assert(
    property(jsonValue(), (value) => {
      const text = JSON.stringify(value, undefined, 1);
      expect(readJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('an object that names a member twice is not read, however the name is written and wherever it is', () => {
  assert(
    property(string(), jsonValue(), jsonValue(), (name, one, other) => {
      const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
      const units = Array.from({ length: name.length }, (_unit, at) => name.charCodeAt(at));
      const again = `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
      const object = `{${JSON.stringify(name)}:${first}, ${again} :${second}}`;
      expect(readJson(object)).toBeUndefined();
      expect(readJson(`{"a":[${object}]}`)).toBeUndefined();
    }),
  );
});

test('what is no JSON is not read', () => {
  for (const text of ['', '{', '{"a":1}{"a":1}', "{'a':1}", '{"a":1,}', 'NaN', '\ufeff{}'])
    expect(readJson(text)).toBeUndefined();
});
