/**
 * `node --import @spanhouse/sdk/register app.js`, or `--require`: starts tracing from the environment before the app's own
 * modules load.
 */
import { createRequire } from 'node:module';
import { isDisabled } from './settings.ts';
import type * as Start from './start.ts';

// Loading OpenTelemetry costs start-up time and memory, which an app that has switched it off need not pay. Not by
// `await import()`: what CommonJS requires may await nothing.
if (!isDisabled(process.env)) {
	const { start } = createRequire(import.meta.url)('./start.js') as typeof Start;
	start();
}
