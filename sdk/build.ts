/** Compiles the package to `dist/`: Node strips no types inside `node_modules`, so what others import is JavaScript. */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
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
		// The browser's part has other globals.
		for (const project of [folder, `${folder}browser`]) {
			const options = [compiler, '-p', project, '--outDir', aside];
			await promisify(execFile)(process.execPath, options, { timeout: buildTimeoutMs });
		}
		for (const name of await filesBelow(aside)) {
			await mkdir(dirname(`${folder}dist/${name}`), { recursive: true });
			await rename(`${aside}/${name}`, `${folder}dist/${name}`);
		}
	} catch (error) {
		const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
		throw new Error(`the SDK does not compile:\n${output}`, { cause: error });
	} finally {
		await rm(aside, { recursive: true, force: true });
	}
}

async function isStale(): Promise<boolean> {
	const names = [
		...(await readdir(folder)),
		...(await filesBelow(`${folder}browser`)).map((name) => `browser/${name}`),
	];
	const sources = names.filter(
		(name) => name.endsWith('tsconfig.json') || (name.endsWith('.ts') && !/(\.test|^build)\.ts$/.test(name)),
	);
	const builtMs = await modifiedMs(`${folder}dist/index.js`);
	const changedMs = await Promise.all(sources.map((name) => modifiedMs(`${folder}${name}`)));
	return changedMs.some((ms) => ms > builtMs);
}

/** Paths from the folder, with `/`. */
async function filesBelow(path: string): Promise<string[]> {
	const entries = await readdir(path, { recursive: true, withFileTypes: true });
	return entries
		.filter((entry) => entry.isFile())
		.map((entry) => `${entry.parentPath}/${entry.name}`.slice(path.length + 1).replaceAll('\\', '/'));
}

const modifiedMs = (path: string): Promise<number> =>
	stat(path).then(
		(file) => file.mtimeMs,
		() => 0,
	);

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSdk();
