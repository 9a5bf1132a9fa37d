import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackSdk } from './packed-sdk.ts';
import type { Stranger } from './packed-sdk.ts';

const sdk = fileURLToPath(new URL('..', import.meta.url));
let stranger: Stranger;

beforeAll(async () => void (stranger = await unpackSdk()), 120_000);
afterAll(() => stranger[Symbol.dispose]());

test('the tarball holds JavaScript with its types, and the documents', () => {
	const { files } = stranger;
	const compiled = files.filter((path) => path.startsWith('dist/'));
	expect(files.filter((path) => !path.startsWith('dist/')).sort()).toEqual([
		'CHANGELOG.md',
		'LICENSE',
		'README.md',
		'package.json',
	]);
	expect(compiled).toEqual(
		expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/register.js', 'dist/browser/index.js']),
	);
	expect(compiled.filter((path) => !/^dist\/(browser\/)?[\w-]+(\.d\.ts|\.js)$/.test(path))).toEqual([]);
});

test('publint finds nothing', async () => {
	const { messages, pkg } = await publint({ pkgDir: sdk, strict: true });
	expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('types resolve in every way of importing it', async () => {
	const result = await checkPackage(createPackageFromTarballData(readFileSync(stranger.tarball)));
	if (result.types === false) throw new Error('the package has no types');
	// ES modules alone, which `require` loads on every Node.js that the package runs on; ways without `exports` are older.
	const answered = new Set(['CJSResolvesToESM']);
	const problems = result.problems.filter((problem) => {
		const isOld = 'resolutionKind' in problem && problem.resolutionKind === 'node10';
		return !isOld && !answered.has(problem.kind);
	});
	expect(problems).toEqual([]);
});
