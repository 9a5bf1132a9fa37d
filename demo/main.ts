/** The demo of a checkout: `npm run demo`, and `spanhouse demo` there. */
import { fileURLToPath } from 'node:url';
import { buildSdkIfStale } from '../sdk/build.ts';
import { runDemo, stopSignal } from './run-demo.ts';
import type { DemoForm } from './run-demo.ts';

const CHECKOUT: DemoForm = { command: 'npm run demo --', startCommand: 'npm start', prepare: buildSdkIfStale };

export const run = (argv: readonly string[], stopping: AbortSignal): Promise<number> =>
	runDemo(argv, CHECKOUT, stopping);

if (process.argv[1] === fileURLToPath(import.meta.url))
	process.exitCode = await run(process.argv.slice(2), stopSignal());
