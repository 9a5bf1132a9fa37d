import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSdkIfStale } from '../build.ts';

const sdk = fileURLToPath(new URL('..', import.meta.url));
const aside = mkdtempSync(join(tmpdir(), 'spanhouse-sdk-'));
let tarball: Buffer;
let files: string[];

beforeAll(async () => {
	await buildSdkIfStale();
	const printed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', aside], {
		cwd: sdk,
	});
	const [{ filename, files: packed }] = JSON.parse(String(printed)) as [
		{ filename: string; files: { path: string }[] },
	];
	tarball = readFileSync(join(aside, filename));
	files = packed.map(({ path }) => path);
});
afterAll(() => rmSync(aside, { recursive: true, force: true }));

test('the tarball holds JavaScript with its types, and the documents', () => {
	const compiled = files.filter((path) => path.startsWith('dist/'));
	expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
		'CHANGELOG.md',
		'LICENSE',
		'README.md',
		'package.json',
	]);
	expect(compiled).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/register.js']));
	expect(compiled.filter((path) => !/^dist\/[\w-]+(\.d\.ts|\.js)$/.test(path))).toEqual([]);
});

test('publint finds nothing', async () => {
	const { messages, pkg } = await publint({ pkgDir: sdk, strict: true });
	expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('types resolve in every way of importing it', async () => {
	const result = await checkPackage(createPackageFromTarballData(tarball));
	if (result.types === false) throw new Error('the package has no types');
	// ES modules alone, which `require` loads on every Node.js that the package runs on; ways without `exports` are older.
	const answered = new Set(['CJSResolvesToESM']);
	const problems = result.problems.filter((problem) => {
		const isOld = 'resolutionKind' in problem && problem.resolutionKind === 'node10';
		return !isOld && !answered.has(problem.kind);
	});
	expect(problems).toEqual([]);
});
