/** Guard, interceptor and start check for NestJS. */
export { AssentModule, type AssentModuleOptions } from './assent.module.js';
export { Shows, UsesData, type UsesDataOptions, UsesNoData } from './declarations.js';
export * from '../responses/index.js';
