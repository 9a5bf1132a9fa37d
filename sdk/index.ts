/** What `@spanhouse/sdk` offers to code. With `node --import @spanhouse/sdk/register` no code is needed at all. */
export { start } from './start.ts';
export type { SdkHandle } from './start.ts';
export type { SdkOptions } from './settings.ts';
export { withSpan } from './with-span.ts';
