import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Command } from './command.ts';
import { fetchDemo } from '../fetch-demo.ts';

/** What the demo gives to whoever runs it, in a checkout and as a package alike. */
interface Demo {
	/** Resolves with the exit code. */
	run(argv: readonly string[], stopping: AbortSignal): Promise<number>;
}

/** The shop: of the checkout, or of the package `@spanhouse/demo` of this version, which is fetched and removed again. */
export const demo: Command = {
	help: `spanhouse demo [options]

Sends the traffic of a small shop to a running Spanhouse. npm fetches it for this once, about 75 MB where it has nothing of it
in its cache, and nothing stays; a checkout of Spanhouse has it.

  --rate N        requests a second to the storefront, 0.1 to 500 (20; SPANHOUSE_DEMO_RATE)
  --minutes N     how long, 0.1 to 1440 (5; SPANHOUSE_DEMO_MINUTES)
  --endpoint URL  where OTLP/HTTP is taken (http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT)
  --ui URL        where Spanhouse's pages are, for links (host of the endpoint, port 4319; SPANHOUSE_DEMO_UI)
  --seed N        the same visitors and purchases again, 0 to 4294967295 (1; SPANHOUSE_DEMO_SEED)

A key goes in OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer …".
`,
	run: async (argv, { packageRoot, version, env }) => {
		const stopping = new AbortController();
		// Ctrl-C reaches every process of the shop at once; this one knows the order. A second one ends it as it stands.
		for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
		const ofCheckout = `${packageRoot}demo/main.ts`;
		if (existsSync(ofCheckout)) return runDemo(ofCheckout, argv, stopping.signal);
		const fetched = await fetchDemo({ version, env, signal: stopping.signal });
		if (fetched === undefined) return 0;
		try {
			return await runDemo(fetched.entry, argv, stopping.signal);
		} finally {
			fetched.remove();
		}
	},
};

async function runDemo(entry: string, argv: readonly string[], stopping: AbortSignal): Promise<number> {
	const demo = (await import(pathToFileURL(entry).href)) as Demo;
	return demo.run(argv, stopping);
}
