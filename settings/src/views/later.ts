/** The views that nobody waits for: they come in a script of their own, once the first screen is drawn. */
export { ReviewView as review } from './review.js';
export { UsesView as uses } from './uses.js';
export { RecordView as record } from './record.js';
