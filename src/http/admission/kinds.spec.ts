import { expect, test } from 'vitest';
import { type Kind, kindOf } from './kinds.js';

const GPC = { 'sec-gpc': '1' };

test.each<[string, string, Record<string, string>, Kind]>([
  ['PUT', '/v1/users/u-1/choices/ads', {}, 'critical'],
  ['PUT', '/v1/users/u-1/choices', {}, 'critical'],
  ['DELETE', '/v1/users/u-1', {}, 'critical'],
  ['POST', '/v1/users/u-1/signals', {}, 'critical'],
  ['PUT', '/v1/users/me/visibility/posts', {}, 'critical'],
  // a refusal that comes with what only reads
  ['GET', '/v1/users/u-1/settings', GPC, 'critical'],
  ['GET', '/v1/users/u-1/choices/ads', GPC, 'critical'],
  ['GET', '/v1/users/u-1/prompts?language=de', GPC, 'critical'],
  // which does not hear it
  ['GET', '/v1/users/u-1/receipts', GPC, 'other'],
  ['GET', '/v1/users/u-1/export', GPC, 'other'],
  ['GET', '/v1/users/u-1/settings?language=de', { 'sec-gpc': '0' }, 'other'],
  ['GET', '/v1/users/u-1/settings', {}, 'other'],
  // the way to the switch
  ['GET', '/session/sign-in?to=%2Fsettings', {}, 'critical'],
  ['GET', '/v1/users/me/settings', {}, 'critical'],
  // what a confirmation waits for
  ['POST', '/v1/caches/c/acknowledgements', {}, 'critical'],
  ['GET', '/health/ready', {}, 'critical'],
  ['POST', '/access/v1/evaluation', GPC, 'decision'],
  ['POST', '/v1/audiences?purpose=ads', GPC, 'other'],
  ['POST', '/v1/imports/i', {}, 'other'],
  ['GET', '/v1/users/mel/settings', {}, 'other'],
  ['GET', '/v1/usersx', GPC, 'other'],
])('%s %s with %j is of the kind that it must have', (method, url, headers, kind) => {
  expect(kindOf({ method, url, headers })).toBe(kind);
});
