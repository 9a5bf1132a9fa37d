import { expect, test } from 'vitest';
import type { DrawnSpan } from '../../../test/support/trace-spans.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { arrangeTrace } from '../span-tree.ts';
import { findPerformanceIssues } from './find-performance-issues.ts';
import type { CallFacts, Finding, PerformanceKind } from './trace-calls.ts';

/** Milliseconds. `what`: `SELECT a` and `GET /a` are reads, `INSERT a` is not; `= 7` behind it is a value that can be seen. */
interface Call {
	what: string;
	at: number;
	takes: number;
	parent?: bigint;
	service?: string;
	error?: boolean;
}

interface Case {
	label: string;
	expected: PerformanceKind[];
	/** How long the root takes, unless until its last call ends. */
	takes?: number;
	calls: Call[];
	spans?: DrawnSpan[];
}

const ms = 1e6;
const factsOf = (name: string): CallFacts => {
	const [subject = '', value] = name.split(' = ');
	const isCall = /^(?:SELECT|INSERT|GET|POST) /.test(subject);
	const identity = value === undefined ? '' : name;
	return { subject, operation: subject, isCall, isRead: /^(?:SELECT|GET) /.test(subject), identity };
};

const rootId = 1n;
function drawn({ calls, takes, spans = [] }: Case): DrawnSpan[] {
	const last = Math.max(0, ...calls.map((call) => call.at + call.takes));
	return [
		{ id: rootId, start: 0, end: (takes ?? last) * ms, name: 'checkout', kind: 'server' },
		...spans,
		...calls.map((call, index): DrawnSpan => ({
			id: BigInt(100 + index),
			parent: call.parent ?? rootId,
			start: call.at * ms,
			end: (call.at + call.takes) * ms,
			name: call.what,
			kind: 'client',
			...(call.service === undefined ? {} : { service: call.service }),
			...(call.error === undefined ? {} : { error: call.error }),
		})),
	];
}

function find(spans: readonly DrawnSpan[]): Finding[] {
	const arranged = traceSpans(spans);
	return findPerformanceIssues({ trace: arrangeTrace(arranged), facts: arranged.names.map(factsOf) });
}

/** A generator of numbers that is the same every time: Lehmer's, modulus 2^31 - 1. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

const series = (count: number, of: (index: number) => Call): Call[] => Array.from({ length: count }, (_, i) => of(i));

/** The labelled set: each kind in many forms, and what looks like it and is not. */
function labelled(seed: number): Case[] {
	const random = numbers(seed);
	const between = (least: number, most: number) => Math.round(least + random() * (most - least));
	const many = between(5, 40);
	const few = between(2, 4);
	const each = between(12, 40);
	const inner: DrawnSpan[] = series(many, (i) => ({ what: '', at: i * each, takes: each })).map(
		({ at, takes }, index) => ({
			id: BigInt(2 + index),
			parent: rootId,
			start: at * ms,
			end: (at + takes) * ms,
			name: 'item',
		}),
	);
	return [
		{
			label: 'N+1, sequential',
			expected: ['n-plus-one'],
			calls: series(many, (i) => ({ what: 'SELECT item', at: i * each, takes: each })),
		},
		{
			label: 'N+1, parallel',
			expected: ['n-plus-one'],
			calls: series(many, (i) => ({ what: 'SELECT item', at: i, takes: each + 50 + (i % 3) })),
		},
		{
			label: 'N+1, interleaved with other calls and with another one',
			expected: ['n-plus-one', 'n-plus-one'],
			calls: series(many * 2, (i) => ({ what: i % 2 === 0 ? 'SELECT item' : 'GET /price', at: i * each, takes: each })),
		},
		{
			label: 'N+1 with values that differ',
			expected: ['n-plus-one'],
			calls: series(many, (i) => ({ what: `SELECT item = ${i}`, at: i * each, takes: each })),
		},
		{
			label: 'N+1 of writes',
			expected: ['n-plus-one'],
			calls: series(many, (i) => ({ what: 'INSERT item', at: i * each, takes: each })),
		},
		{
			label: 'a legitimate loop: too few',
			expected: [],
			calls: series(few, (i) => ({ what: 'SELECT item', at: i * each, takes: each })),
		},
		{
			label: 'a legitimate loop: too short to matter',
			expected: [],
			calls: series(many, (i) => ({ what: 'SELECT item', at: i, takes: 49 / many / 2 })),
		},
		{
			label: 'as many calls, each below a span of its own',
			expected: [],
			calls: series(many, (i) => ({ what: 'SELECT item', at: i * each, takes: each, parent: BigInt(2 + i) })),
			spans: inner,
		},
		{
			label: 'as many calls of as many services',
			expected: [],
			calls: series(many, (i) => ({ what: 'SELECT item', at: i * each, takes: each, service: `s${i % many}` })),
		},
		{
			label: 'as many writes of different things',
			expected: [],
			calls: series(many, (i) => ({ what: `INSERT t${'x'.repeat(i)}`, at: i * each, takes: each })),
		},
		{
			label: 'the same question again',
			expected: ['repeated-calls'],
			calls: series(between(3, 4), (i) => ({ what: 'GET /rates = eur', at: i * 40, takes: 30 })),
		},
		{
			label: 'the same question again, below other spans',
			expected: ['repeated-calls'],
			calls: series(many, (i) => ({ what: 'SELECT rate = eur', at: i * each, takes: each, parent: BigInt(2 + i) })),
			spans: inner,
		},
		{
			label: 'few questions with other values',
			expected: [],
			calls: series(4, (i) => ({ what: `GET /rates = ${i}`, at: i * 40, takes: 30 })),
		},
		{
			label: 'the same write again',
			expected: [],
			calls: series(4, (i) => ({ what: 'POST /mail = a', at: i * 40, takes: 30 })),
		},
		{
			label: 'reads of different things one after the other',
			expected: ['sequential-calls'],
			calls: series(between(3, 6), (i) => ({ what: `GET /part${'x'.repeat(i)}`, at: i * 60, takes: 59 + (i % 2) })),
		},
		{
			label: 'the same reads at once',
			expected: [],
			calls: series(5, (i) => ({ what: `GET /part${'x'.repeat(i)}`, at: i, takes: 60 })),
		},
		{
			label: 'reads with work between them',
			expected: [],
			calls: series(5, (i) => ({ what: `GET /part${'x'.repeat(i)}`, at: i * 100, takes: 60 })),
		},
		{
			label: 'reads with a write among them',
			expected: [],
			calls: series(4, (i) => ({
				what: i === 2 ? 'INSERT order' : `GET /part${'x'.repeat(i)}`,
				at: i * 60,
				takes: 60,
			})),
		},
		{
			label: 'attempts until one works',
			expected: ['retry-storm'],
			calls: series(between(3, 9), (i) => ({ what: 'POST /charge', at: i * 120, takes: 100, error: true })).concat({
				what: 'POST /charge',
				at: 2_000,
				takes: 100,
			}),
			takes: 2_100,
		},
		{
			label: 'attempts that all fail',
			expected: ['retry-storm'],
			calls: series(between(3, 9), (i) => ({ what: 'POST /charge', at: i * 120, takes: 100, error: true })),
		},
		{
			label: 'one retry',
			expected: [],
			calls: series(2, (i) => ({ what: 'POST /charge', at: i * 120, takes: 100, error: i === 0 })),
		},
		{
			label: 'failures at once are no attempts',
			expected: [],
			calls: series(4, (i) => ({ what: 'POST /charge', at: i, takes: 100, error: true })),
		},
		{
			label: 'a long gap in the middle',
			expected: ['gap'],
			takes: 1_500,
			calls: [
				{ what: 'SELECT a', at: 5, takes: 20 },
				{ what: 'INSERT b', at: 25 + between(700, 1_000), takes: 20 },
			],
		},
		{
			label: 'a long gap at the end',
			expected: ['gap'],
			takes: between(800, 3_000),
			calls: [{ what: 'SELECT a', at: 5, takes: 20 }],
		},
		{ label: 'a gap of little account', expected: [], takes: 250, calls: [{ what: 'SELECT a', at: 5, takes: 20 }] },
		{ label: 'a span without children', expected: [], takes: 5_000, calls: [] },
		{
			label: 'none: a few calls, in parts at once',
			expected: [],
			calls: [
				{ what: 'SELECT cart', at: 1, takes: 12 },
				{ what: 'GET /stock', at: 14, takes: 30 },
				{ what: 'GET /price', at: 14, takes: 25 },
				{ what: 'INSERT order', at: 50, takes: 20 },
			],
		},
	];
}

const cases = [11, 23, 47, 1_009, 7_919].flatMap((seed) =>
	labelled(seed).map((one): [string, Case] => [`${one.label} (${seed})`, one]),
);

test.each(cases)('%s', (_, one) => {
	expect(find(drawn(one)).map(({ kind }) => kind)).toEqual(one.expected);
});

test('precision and recall over the labelled set are 1', () => {
	let right = 0;
	let found = 0;
	let wanted = 0;
	for (const [, one] of cases) {
		const kinds = find(drawn(one)).map(({ kind }) => kind);
		found += kinds.length;
		wanted += one.expected.length;
		right += one.expected.filter((kind, index) => kinds[index] === kind).length;
	}
	expect({ precision: right / found, recall: right / wanted }).toEqual({ precision: 1, recall: 1 });
	expect(wanted).toBeGreaterThan(60);
});

test('the order in which spans came changes nothing', () => {
	const random = numbers(5);
	for (const [, one] of cases) {
		const spans = drawn(one);
		const shuffled = spans
			.map((span) => ({ span, place: random() }))
			.sort((a, b) => a.place - b.place)
			.map(({ span }) => span);
		const plain = (findings: Finding[]) =>
			findings.map(({ kind, row, subject, wastedNano }) => [kind, row, subject, wastedNano]);
		expect(plain(find(shuffled))).toEqual(plain(find(spans)));
	}
});

test('wasted time is what was waited for beyond the longest of the calls, by a count of milliseconds', () => {
	for (const [, one] of cases.filter(([label]) => label.startsWith('N+1,'))) {
		const { calls } = one;
		for (const finding of find(drawn(one))) {
			const own = calls.filter(({ what }) => what === finding.subject);
			const busy = new Set<number>();
			for (const { at, takes } of own) for (let tick = at; tick < at + takes; tick += 1) busy.add(tick);
			expect(finding.wastedNano).toBe((busy.size - Math.max(...own.map(({ takes }) => takes))) * ms);
			expect(finding.rows).toHaveLength(own.length);
			expect(finding).toMatchObject({ operation: 'checkout', service: 'shop', parent: 0 });
		}
	}
});

test('what a late span changes: a gap that it fills is gone, an N+1 that it completes is there', () => {
	const gap: Case = { label: '', expected: [], takes: 1_000, calls: [{ what: 'SELECT a', at: 5, takes: 20 }] };
	expect(find(drawn(gap))).toHaveLength(1);
	expect(find(drawn({ ...gap, calls: [...gap.calls, { what: 'INSERT b', at: 30, takes: 960 }] }))).toEqual([]);
	const loop = (count: number): Case => ({
		label: '',
		expected: [],
		calls: series(count, (i) => ({ what: 'SELECT item', at: i * 20, takes: 20 })),
	});
	expect(find(drawn(loop(4)))).toEqual([]);
	expect(find(drawn(loop(5)))).toMatchObject([{ kind: 'n-plus-one', wastedNano: 80 * ms }]);
});
