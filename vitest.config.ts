import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { findChromium } from './test/support/chromium.ts';
import { prepareDataFolders } from './test/support/data-folders.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
	throw new Error(`Node ${process.versions.node} found, 22.18 or newer needed: use \`npm test\`, which brings its own`);
}

const { executablePath, args, env } = await findChromium();
const SPANHOUSE_TEST_DATA = prepareDataFolders();
// Hundreds of processes compile the same code: those of the runner, and the product, which keeps it in the same place.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/spanhouse', import.meta.url));

/** What is polled for comes in its own time: a second, which is the default, was too short for a click on a busy machine. */
const patient = { poll: { timeout: 15_000 } };
/** Each question is a query of ClickHouse, or more, which takes the processor from what is waited for. */
const sparing = { poll: { ...patient.poll, interval: 150 } };

/**
 * One more than the cores of the smallest machine: half of their time these tests wait for other processes. What is run by one worker comes
 * after them, beside the browser's.
 */
const maxWorkers = 3;

/**
 * Faults wait more than they work, and fuzzing works longest: begun first, they do so beside all the others. Without times of an earlier
 * run files go by their size, and small ones that take long would be what everything waits for in the end.
 */
const LONG =
	/\/test\/(?:faults|fuzz)\/|\/(?:deriver-kill|isolation|cluster|notify-product|spool\.model|demo)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const isLong = ({ moduleId }: TestSpecification): boolean => LONG.test(moduleId);
		const sorted = await super.sort(files);
		return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
	}
}

export default defineConfig({
	test: {
		sequence: { sequencer: LongestFirst },
		projects: [
			{
				plugins: [svelte()],
				test: {
					name: 'unit',
					include: ['{collector,schema,sdk,ui,demo,scripts}/**/*.test.ts', 'test/support/**/*.test.ts'],
					exclude: ['**/node_modules/**', '**/dist/**', 'ui/**/*.browser.test.ts'],
					// A process for each file costs a third of their time, and no file leaves anything behind.
					isolate: false,
					maxWorkers,
					// For what never ends. A machine that is busy may take ten times as long as usual.
					testTimeout: 60_000,
					hookTimeout: 60_000,
				},
			},
			{
				plugins: [svelte()],
				// What only lazy chunks import would be found while tests run, and the page reloaded below them.
				optimizeDeps: {
					include: [
						'@codemirror/autocomplete',
						'@codemirror/commands',
						'@codemirror/lint',
						'@codemirror/state',
						'@codemirror/view',
						'@dagrejs/dagre',
						'@tanstack/svelte-query',
						'axe-core',
						'bits-ui',
						'sql-formatter',
						'svelte/reactivity/window',
					],
				},
				test: {
					name: 'browser',
					include: ['ui/**/*.browser.test.ts'],
					expect: patient,
					testTimeout: 60_000,
					browser: {
						enabled: true,
						headless: true,
						screenshotFailures: false,
						provider: playwright({ launchOptions: { executablePath, args, env } }),
						instances: [{ browser: 'chromium' }],
						viewport: { width: 1440, height: 900 },
					},
				},
			},
			{
				test: {
					name: 'integration',
					env: { SPANHOUSE_TEST_DATA },
					include: ['test/{integration,conformance,fuzz,faults}/**/*.test.ts'],
					expect: sparing,
					testTimeout: 180_000,
					hookTimeout: 180_000,
					maxWorkers,
					maxConcurrency: 4,
				},
			},
			{
				test: {
					name: 'e2e',
					env: { SPANHOUSE_TEST_DATA },
					include: ['test/e2e/**/*.test.ts'],
					expect: sparing,
					testTimeout: 180_000,
					hookTimeout: 180_000,
					fileParallelism: false,
				},
			},
		],
	},
});
