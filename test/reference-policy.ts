/** The policy of `policies/`, which most tests are about. */
import { fileURLToPath } from 'node:url';
import { readPolicyFiles } from '../src/policy/text/policy-files.js';

export const REFERENCE_FOLDER = fileURLToPath(new URL('../policies', import.meta.url));
export const REFERENCE = await readPolicyFiles(REFERENCE_FOLDER);
