import { defineConfig } from 'vitest/config';

/** What needs the network, Python or Go: `npm run conformance` and `npm run conformance:collector`. */
export default defineConfig({
	test: {
		include: ['test/conformance/exporters/*.conformance.ts'],
		testTimeout: 1_800_000,
		hookTimeout: 1_800_000,
		fileParallelism: false,
	},
});
