import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/**
 * A process in which some 30 MiB live while as much again and again is dropped: the most MiB that its heap held. Collected when
 * its bound is reached and not while it runs, so that no other work on the machine counts; once before, for its first bound is another.
 */
const program = (before: string): string => `
	import { getHeapStatistics } from 'node:v8';
	${before}
	const objects = () => Array.from({ length: 400_000 }, (_, index) => ({ index, next: [index] }));
	const kept = objects();
	gc();
	let most = 0;
	for (let round = 0; round < 300; round += 1) {
		const part = round % 10;
		for (let index = part; index < kept.length; index += 10) kept[index] = { index, next: [round] };
		most = Math.max(most, getHeapStatistics().used_heap_size);
	}
	console.log(Math.round(most / 2 ** 20));`;

const options = ['--max-semi-space-size=4', '--no-incremental-marking', '--expose-gc', '--input-type=module'];

/** The number that a program prints. */
const run = (source: string): number =>
	Number(
		execFileSync(process.execPath, [...options, '-e', source], {
			cwd: fileURLToPath(new URL('.', import.meta.url)),
			encoding: 'utf8',
		}),
	);

const mostMebibytes = (before: string): number => run(program(before));

test('a heap is collected before it has twice of what lives in it', () => {
	const bounded = mostMebibytes("import { boundHeaps } from './heap-bounds.ts'; boundHeaps();");
	// Where this fails, V8 is as sparing by itself, and the call can go.
	expect(bounded).toBeLessThan(0.8 * mostMebibytes(''));
});

test('every way to start it gives node the same room for young objects', () => {
	const text = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
	const found = ['package.json', 'bin/spanhouse.js', 'Dockerfile', 'scripts/dev.js'].map((path) =>
		text(path).match(/--max-semi-space-size=\d+/g),
	);
	expect(found).toEqual(found.map(() => ['--max-semi-space-size=4']));
});
