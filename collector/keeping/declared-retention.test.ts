import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { Retention } from '../store/retention.ts';
import { DeclaredRetention, retentionOf } from './declared-retention.ts';

const dayMs = 86_400_000;
const configured: Retention = { spansMs: 7 * dayMs, derivedMs: 90 * dayMs };
const retention = (name: string, spec: object) =>
	documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Retention',
		metadata: { name },
		spec,
	}) as DocumentOf<'Retention'>;

test('data stays as configured, unless documents say otherwise: of several the longest time holds', () => {
	expect(retentionOf(configured, [])).toEqual(configured);
	expect(retentionOf(configured, [retention('a', { spans: '3d' })])).toEqual({
		spansMs: 3 * dayMs,
		derivedMs: 90 * dayMs,
	});
	const both = [retention('a', { spans: '3d', rollups: '30d' }), retention('b', { spans: '14d' })];
	expect(retentionOf(configured, both)).toEqual({ spansMs: 14 * dayMs, derivedMs: 30 * dayMs });
});

test('what is declared is set at the start and when it changes, and again where the store did not take it', async () => {
	let declared = [retention('a', { spans: '3d' })];
	let isAway = false;
	const applied: Retention[] = [];
	const opened = await DeclaredRetention.open({
		configured,
		declared: () => declared,
		apply: async (wanted) => {
			if (isAway) throw new Error('away');
			applied.push(wanted);
		},
	});
	const limits = opened.limits(5);
	expect([applied.length, limits.maxBodyBytes, limits.retentionMs]).toEqual([1, 5, 3 * dayMs]);
	await opened.step();
	expect(applied).toHaveLength(1);
	isAway = true;
	declared = [];
	await expect(opened.step()).rejects.toThrow('away');
	expect(opened.current().spansMs).toBe(3 * dayMs);
	isAway = false;
	await opened.step();
	await opened.step();
	expect(applied.slice(1)).toEqual([configured]);
	expect(limits.retentionMs).toBe(7 * dayMs);
});
