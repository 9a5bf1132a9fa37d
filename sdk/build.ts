/** Compiles the package to `dist/`: Node strips no types inside `node_modules`, so what others import is JavaScript. */
import { execFile } from 'node:child_process';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('.', import.meta.url));
const compiler = fileURLToPath(new URL('../node_modules/@typescript/native/bin/tsc', import.meta.url));
const buildTimeoutMs = 120_000;

/** Builds when a source is newer than what was built of it, and says whether it did. */
export async function buildSdkIfStale(): Promise<boolean> {
	if (!(await isStale())) return false;
	await buildSdk();
	return true;
}

/** Aside and then into place, so that nobody imports a half-written file when several build at once. */
async function buildSdk(): Promise<void> {
	const aside = `${folder}dist/.building-${process.pid}`;
	try {
		const options = [compiler, '-p', folder, '--outDir', aside];
		await promisify(execFile)(process.execPath, options, { timeout: buildTimeoutMs });
		const files = await readdir(aside);
		await Promise.all(files.map((name) => rename(`${aside}/${name}`, `${folder}dist/${name}`)));
	} catch (error) {
		const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
		throw new Error(`the SDK does not compile:\n${output}`, { cause: error });
	} finally {
		await rm(aside, { recursive: true, force: true });
	}
}

async function isStale(): Promise<boolean> {
	const sources = (await readdir(folder)).filter(
		(name) => name === 'tsconfig.json' || (name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'build.ts'),
	);
	const builtMs = await modifiedMs(`${folder}dist/index.js`);
	const changedMs = await Promise.all(sources.map((name) => modifiedMs(`${folder}${name}`)));
	return changedMs.some((ms) => ms > builtMs);
}

const modifiedMs = (path: string): Promise<number> =>
	stat(path).then(
		(file) => file.mtimeMs,
		() => 0,
	);

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSdk();
