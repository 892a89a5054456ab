import { expect, it } from 'vitest';
import { signedHeaders } from './sigv4.js';

const AT = Date.UTC(2015, 7, 30, 12, 36);
const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const SCOPE = { region: 'us-east-1', service: 'service' };
const SESSION_TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

// the test suite of Signature Version 4 that AWS publishes, by the names of its cases
it.each([
  ['get-vanilla', 'GET', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-x-www-form-urlencoded',
    'POST',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'get-header-value-trim',
    'GET',
    { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    '',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
])('signs as AWS does: %s', (_name, method, headers, body, signature) => {
  const url = new URL('https://example.amazonaws.com/');
  const { authorization } = signedHeaders({ method, url, headers, body }, CREDENTIALS, SCOPE, AT);
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, /,
  );
  expect(authorization?.split('Signature=')[1]).toBe(signature);
});

it('signs as AWS does with credentials that end: post-sts-header-before', () => {
  const request = {
    method: 'POST',
    url: new URL('https://example.amazonaws.com/'),
    headers: {},
    body: '',
  };
  const credentials = { ...CREDENTIALS, sessionToken: SESSION_TOKEN };
  const headers = signedHeaders(request, credentials, SCOPE, AT);
  expect(headers['x-amz-security-token']).toBe(SESSION_TOKEN);
  expect(headers['authorization']?.split('Signature=')[1]).toBe(
    '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  );
});
