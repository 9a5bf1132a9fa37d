import { defineConfig } from 'vitest/config';

/** What needs the network, Python, Go or Java: `npm run conformance`, `conformance:collector` and `conformance:replicas`. */
export default defineConfig({
	test: {
		include: ['test/conformance/{exporters,replicas}/*.conformance.ts'],
		testTimeout: 1_800_000,
		hookTimeout: 1_800_000,
		fileParallelism: false,
	},
});
