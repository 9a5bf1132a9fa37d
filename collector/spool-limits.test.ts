import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fileBytes, limitsOf, spoolLimits } from './spool-limits.ts';

const gibibyte = 1024 ** 3;

test('a spool may take a quarter of what is free, and no more than 10 GiB', () => {
	const small = spoolLimits({ freeBytes: 8 * gibibyte, totalBytes: 10 * gibibyte }, 0);
	expect(small).toEqual({
		spans: { maxBytes: 2 * gibibyte, minFreeBytes: Math.floor(gibibyte / 2) },
		logs: { maxBytes: gibibyte / 4, minFreeBytes: Math.floor(gibibyte / 2) },
	});
	const large = spoolLimits({ freeBytes: 800 * gibibyte, totalBytes: 1_000 * gibibyte }, 0);
	expect([large.spans, large.logs]).toEqual([
		{ maxBytes: 10 * gibibyte, minFreeBytes: gibibyte },
		{ maxBytes: gibibyte, minFreeBytes: gibibyte },
	]);
});

test('what it holds does not make it smaller at the next start', () => {
	const at = (held: number) =>
		spoolLimits({ freeBytes: (40 - held) * gibibyte, totalBytes: 100 * gibibyte }, held * gibibyte);
	expect([1, 5, 10].map(at)).toEqual([at(0), at(0), at(0)]);
});

test('files of a folder are counted, and what was set aside in a folder of it is not', () => {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-limits-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	expect([fileBytes(folder), fileBytes(join(folder, 'none'))]).toEqual([0, 0]);
	mkdirSync(join(folder, 'quarantine'));
	writeFileSync(join(folder, 'quarantine/1-1.quarantine'), 'aside');
	writeFileSync(join(folder, '0000000001.seg'), Buffer.alloc(1_000));
	writeFileSync(join(folder, 'identity'), Buffer.alloc(37));
	expect(fileBytes(folder)).toBe(1_037);
	const limits = limitsOf(folder, ['.', 'none']);
	expect(limits.spans.maxBytes).toBeGreaterThan(limits.logs.maxBytes);
});
