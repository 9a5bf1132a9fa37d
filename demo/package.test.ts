import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

interface Manifest {
	version: string;
	dependencies?: Record<string, string>;
	devDependencies?: Record<string, string>;
}
const manifestOf = (folder: string): Manifest =>
	JSON.parse(readFileSync(fileURLToPath(new URL(`../${folder}package.json`, import.meta.url)), 'utf8')) as Manifest;

test('product, SDK and demo have one version: the product fetches the demo of its own, which brings the SDK of that', () => {
	const { version } = manifestOf('');
	const demo = manifestOf('demo/');
	expect([demo.version, demo.dependencies?.['@spanhouse/sdk'], manifestOf('sdk/').version]).toEqual([
		version,
		version,
		version,
	]);
});

test('what the product carries has no part of the demo', () => {
	const names = Object.keys(manifestOf('').dependencies ?? {});
	expect(names.filter((name) => name in (manifestOf('demo/').dependencies ?? {}))).toEqual([]);
	expect(names).toContain('hono');
});
