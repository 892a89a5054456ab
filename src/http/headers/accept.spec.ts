import { describe, expect, test } from 'vitest';
import { acceptedType } from './accept.js';

const OFFERED = ['application/json', 'text/html', 'text/plain'];

describe('an answer is in the media type', () => {
  test.each([
    ['that is offered first when the header is not sent', undefined, 'application/json'],
    ['that is offered first of those that a wildcard covers', '*/*', 'application/json'],
    ['that is offered first of those of a kind', 'text/*', 'text/html'],
    ['that is named', 'image/png, TEXT/Plain', 'text/plain'],
    ['that is named, whatever its parameters', 'text/html;level=1; charset=utf-8', 'text/html'],
    ['that is wanted most', 'application/json;q=0.5, text/plain;q=0.9, */*;q=0.1', 'text/plain'],
    ['that a browser asks for', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
    ['that is named first of two that are wanted as much', 'text/plain, text/html', 'text/plain'],
    ['that is named, before one that a wildcard covers', '*/*, text/html', 'text/html'],
    ['that nothing excludes', '*/*, application/json;q=0', 'text/html'],
    ['that a wildcard leaves beside one that is wanted less', 'application/json;q=0.5, text/*', 'text/html'],
    ['whose weight is a number', 'text/html;q=much, text/plain;q=0.1', 'text/plain'],
  ])('%s', (_why, header, type) => {
    expect(acceptedType(header, OFFERED)).toBe(type);
  });

  test.each(['', 'nonsense', 'image/*', 'application/json;q=0', 'text/plain;q='])('none for %j', (header) => {
    expect(acceptedType(header, OFFERED)).toBeUndefined();
  });
});
