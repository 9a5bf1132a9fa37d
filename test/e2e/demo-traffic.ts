import { spawn } from 'node:child_process';
import { projectRoot } from '../support/product.ts';

interface DemoRun {
	endpoint: string;
	ui: string;
	minutes: number;
	rate: number;
}

/** Runs the demo to its end. Rejects with its output when it fails. */
export async function runDemo({ endpoint, ui, minutes, rate }: DemoRun): Promise<void> {
	const args = [
		'demo/main.ts',
		'--endpoint',
		endpoint,
		'--ui',
		ui,
		'--minutes',
		String(minutes),
		'--rate',
		String(rate),
	];
	const demo = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const { promise, resolve } = Promise.withResolvers<number | null>();
	demo.once('exit', resolve);
	const code = await promise;
	if (code !== 0) throw new Error(`the demo ended with ${code}:\n${output}`);
}
