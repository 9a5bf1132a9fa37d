#!/usr/bin/env node
/** `npx @spanhouse/sdk doctor`: tells why nothing arrives. */
import { parseArgs } from 'node:util';
import { examine } from './doctor.ts';

const usage = `npx @spanhouse/sdk doctor [--ui http://127.0.0.1:4319]

Tries the way that spans of this environment (OTEL_*) would take: settings, connection, protocol, key, clock, and a span that is
sent and looked for on the screen's side. SPANHOUSE_TOKEN is an API token, where there is a login.
`;

async function run(argv: readonly string[]): Promise<number> {
	try {
		const options = { ui: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
		if (values.help === true || positionals[0] !== 'doctor') {
			process.stdout.write(usage);
			return values.help === true ? 0 : 1;
		}
		const say = (line: string) => void process.stdout.write(`${line}\n`);
		return (await examine({ env: process.env, ui: values.ui, say })) ? 0 : 1;
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
		return 1;
	}
}

process.exitCode = await run(process.argv.slice(2));
