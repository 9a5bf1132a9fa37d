/** The demo of a checkout: `npm run demo`, and `spanhouse demo` there. */
import { realpathSync } from 'node:fs';
import { buildSdkIfStale } from '../sdk/build.ts';
import { runDemo, stopSignal } from './run-demo.ts';
import type { DemoForm } from './run-demo.ts';

const CHECKOUT: DemoForm = { command: 'npm run demo --', startCommand: 'npm start', prepare: buildSdkIfStale };

export const run = (argv: readonly string[], stopping: AbortSignal): Promise<number> =>
	runDemo(argv, CHECKOUT, stopping);

// Not so where `spanhouse demo` imports it.
const [, started] = process.argv;
if (started !== undefined && realpathSync(started) === import.meta.filename)
	process.exitCode = await run(process.argv.slice(2), stopSignal());
