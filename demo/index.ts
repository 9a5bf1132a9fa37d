/** The demo as a package: what `spanhouse demo` fetches and runs. */
import { runDemo } from './run-demo.ts';
import type { DemoForm } from './run-demo.ts';

const PACKAGE: DemoForm = { command: 'npx spanhouse demo', startCommand: 'npx spanhouse' };

export const run = (argv: readonly string[], stopping: AbortSignal): Promise<number> =>
	runDemo(argv, PACKAGE, stopping);
