/** What `@spanhouse/sdk` offers to code. With `node --import @spanhouse/sdk/register` no code is needed at all. */
import { codeLocation } from './code-location.ts';
import { createWithSpan } from './with-span.ts';

export { withBaggage } from './baggage.ts';
export { setRoute } from './route.ts';
export { start } from './start.ts';
export type { SdkHandle } from './start.ts';
export type { SdkOptions } from './settings.ts';
export type { WithSpan } from './with-span.ts';

/**
 * Runs `fn` inside a span of this name and ends the span when `fn` returns or its promise settles. What `fn` throws
 * is recorded on the span with its causes, and thrown on. The span tells the line of the call.
 */
export const withSpan = createWithSpan(codeLocation);
