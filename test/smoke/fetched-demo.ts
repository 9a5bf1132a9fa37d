/**
 * `npx spanhouse demo` as a stranger types it: the product, the SDK and the demo packed, a registry on loopback that has them (and the
 * usual one for what they depend on), the product installed in an empty folder, a shop that opens, and nothing left of it. Prints
 * `N passed, N failed`.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { npmRegistry } from '../support/npm-registry.ts';
import { packDemo } from '../support/packed-demo.ts';
import { projectRoot, startProduct, until } from '../support/product.ts';

const run = promisify(execFile);
const maxOutput = { maxBuffer: 16 * 1024 * 1024 };
const aside = mkdtempSync(join(tmpdir(), 'spanhouse-fetched-'));
const stranger = join(aside, 'stranger');
const temporary = join(aside, 'tmp');

let passed = 0;
let failed = 0;
function check(what: string, holds: boolean, found: unknown): void {
	if (holds) passed += 1;
	else failed += 1;
	console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}${holds ? '' : `: found ${JSON.stringify(found)}`}`);
}

async function pack(folder: string): Promise<string> {
	const args = ['pack', '--json', '--pack-destination', aside];
	const { stdout } = await run('npm', args, { cwd: join(projectRoot, folder), ...maxOutput });
	// The build that comes before it may have written lines of its own.
	const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }];
	return join(aside, filename);
}

async function servicesOf(ui: string): Promise<string[]> {
	const answer = await fetch(`${ui}/api/v1/services?project=demo`);
	// It comes to be by its first span.
	if (answer.status === 404) return [];
	const { services } = (await answer.json()) as { services: { service: string }[] };
	return services.map(({ service }) => service);
}

async function tryDemo(env: NodeJS.ProcessEnv, ready: { ui: string; otlpHttp: string }): Promise<void> {
	const began = performance.now();
	const seconds = () => ((performance.now() - began) / 1_000).toFixed(1);
	const args = ['spanhouse', 'demo', '--endpoint', ready.otlpHttp, '--ui', ready.ui];
	const shop = spawn('npx', args, { cwd: stranger, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	for (const stream of [shop.stdout, shop.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
	const ended = new Promise<number | null>((resolve) => shop.once('close', resolve));
	try {
		const checkRuns = () => {
			if (shop.exitCode !== null) throw new Error(`it ended with ${shop.exitCode}: ${output}`);
		};
		const opened = async () => {
			checkRuns();
			return output.includes('The shop is open') ? seconds() : undefined;
		};
		console.log(`     the shop is open after ${await until(opened, 'the shop', 300_000)} s`);
		const seven = async () => {
			checkRuns();
			const found = await servicesOf(ready.ui);
			return found.length >= 7 ? found : undefined;
		};
		const services = await until(seven, 'seven services', 120_000);
		check('`npx spanhouse demo` fetches the shop of seven services', services.length === 7, services);
		// As a terminal does; npx itself then ends as it sees fit.
		process.kill(-(shop.pid ?? 0), 'SIGINT');
		await ended;
		check('Ctrl-C closes the shop', /Closing the shop …\n.* requests/.test(output), output);
		const left = readdirSync(temporary).filter((name) => name.startsWith('spanhouse'));
		check('nothing is left of it', left.length === 0, left);
	} finally {
		try {
			process.kill(-(shop.pid ?? 0), 'SIGKILL');
		} catch {
			// It has ended.
		}
	}
}

try {
	for (const folder of [stranger, temporary]) mkdirSync(folder);
	writeFileSync(join(stranger, 'package.json'), '{ "private": true }\n');
	const { tarball } = await packDemo(aside);
	const [product, sdk] = [await pack('.'), await pack('sdk')];
	const args = ['install', product, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
	await run('npm', args, { cwd: stranger, ...maxOutput });
	await using registry = await npmRegistry([tarball, sdk], join(aside, 'npm'));
	const running = await startProduct({
		command: ['node_modules/.bin/spanhouse'],
		args: ['--data-dir', 'data'],
		cwd: stranger,
	});
	try {
		await tryDemo({ ...process.env, ...registry.env, TMPDIR: temporary }, running.ready);
	} finally {
		check('the product ends with 0', (await running.stop()) === 0, running.log().slice(-2_000));
	}
} catch (error) {
	check('it runs to the end', false, error instanceof Error ? error.message : String(error));
} finally {
	rmSync(aside, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
