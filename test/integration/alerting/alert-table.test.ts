import { expect, test } from 'vitest';
import type { AlertEventRow, EvaluationRow } from '../../../collector/store/alerts/alert-types.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';

const project = 'default';
const t0 = Date.UTC(2026, 10, 20, 12);
const evaluation = (minute: number, more: Partial<EvaluationRow> = {}): EvaluationRow => ({
	project,
	rule: 'Alert/a/b ☕',
	question: '0123456789abcdef',
	tMs: t0 + minute * 60_000,
	epoch: 1,
	error: '',
	groups: ['["/a\'b"]', '["\\\\"]'],
	values: [1.5, null],
	requests: [7, 0],
	before: [[null, 2.5], []],
	...more,
});
const event = (kind: AlertEventRow['kind'], minute: number, more: Partial<AlertEventRow> = {}): AlertEventRow => ({
	project,
	rule: 'Alert/a',
	firingId: 'f1',
	kind,
	tMs: t0 + minute * 60_000 + 123,
	groupKey: '["x"]',
	conditionKey: 'page',
	author: '',
	text: '',
	document: '',
	...more,
});

test('evaluations come back as they were written, once each, and those of the later evaluator win', async () => {
	await using store = await throwAwayStore();
	const table = store.alertTable;
	const rows = [evaluation(1), evaluation(2, { error: 'too many', groups: [], values: [], requests: [], before: [] })];
	await table.appendEvaluations(rows);
	await table.appendEvaluations(rows);
	await table.appendEvaluations([
		evaluation(2, { epoch: 2 }),
		evaluation(3),
		evaluation(3, { question: 'f'.repeat(16) }),
	]);
	const range = { afterMs: t0, toMs: t0 + 180_000, limit: 100 };
	const of = evaluation(0);
	expect(await table.evaluations(of, range)).toEqual([evaluation(1), evaluation(2, { epoch: 2 }), evaluation(3)]);
	expect((await table.evaluations(of, { ...range, limit: 2 })).map(({ tMs }) => tMs)).toEqual([
		t0 + 120_000,
		t0 + 180_000,
	]);
	expect(await table.evaluations(of, { ...range, afterMs: t0 + 60_000, toMs: t0 + 120_000 })).toHaveLength(1);
	expect(await table.evaluationsSince(t0 + 60_000, 100)).toHaveLength(3);
});

test('of states the newest of the latest evaluator holds, and a deleted one is gone', async () => {
	await using store = await throwAwayStore();
	const table = store.alertTable;
	const state = {
		project,
		rule: 'Alert/a',
		question: '0123456789abcdef',
		epoch: 2,
		sequence: 5,
		deleted: 0,
		state: '{"a":1}',
	};
	await table.appendStates([state, { ...state, rule: 'Alert/b', sequence: 6 }]);
	await table.appendStates([{ ...state, epoch: 1, sequence: 900, state: '{"a":2}' }]);
	await table.appendStates([{ ...state, rule: 'Alert/b', sequence: 7, deleted: 1 }]);
	expect(await table.states()).toEqual([state]);
});

test('a firing is found while it goes on and in the windows that it lay in', async () => {
	await using store = await throwAwayStore();
	const table = store.alertTable;
	await table.appendEvents([event('pending', 0, { firingId: '' }), event('fired', 2, { document: '{"x":"☕"}' })]);
	await table.appendEvents([event('fired', 2, { document: '{"x":"☕"}' })]);
	await table.appendEvents([
		event('fired', 3, { firingId: 'f2', rule: 'Alert/b' }),
		event('note', 4, { author: 'ann', text: 'n' }),
	]);
	expect((await table.openFirings(10)).map(({ firingId }) => firingId)).toEqual(['f2', 'f1']);
	await table.appendEvents([event('resolved', 9, { text: 'recovered' })]);
	expect((await table.openFirings(10)).map(({ firingId }) => firingId)).toEqual(['f2']);
	const endedSince = async (minute: number) =>
		(await table.endedFirings(t0 + minute * 60_000, 10)).map(({ firingId, text }) => [firingId, text]);
	expect([await endedSince(9), await endedSince(10)]).toEqual([[['f1', 'recovered']], []]);
	const { events, of } = await table.eventsOf(project, 'f1');
	expect(of).toBe(4);
	expect(events.map(({ kind, author, document }) => [kind, author, document])).toEqual([
		['pending', '', ''],
		['fired', '', '{"x":"☕"}'],
		['note', 'ann', ''],
		['resolved', '', ''],
	]);
	const inWindow = async (from: number, to: number, more = {}) => {
		const filter = { fromMs: t0 + from * 60_000, toMs: t0 + to * 60_000, limit: 10, ...more };
		const rows = await table.firings(project, filter);
		return [...new Set(rows.map(({ firingId }) => firingId))].sort();
	};
	expect(await inWindow(0, 2)).toEqual([]);
	expect(await inWindow(0, 3)).toEqual(['f1']);
	expect(await inWindow(5, 6)).toEqual(['f1', 'f2']);
	expect(await inWindow(10, 20)).toEqual(['f2']);
	expect(await inWindow(5, 6, { rule: 'Alert/b' })).toEqual(['f2']);
	expect(await inWindow(5, 6, { limit: 1 })).toEqual(['f2']);
});

test('of very many events of a firing the newest are told, and in any case when it fired, what was found, and its end', async () => {
	await using store = await throwAwayStore();
	const table = store.alertTable;
	const notes = Array.from({ length: 1_200 }, (_, minute) => event('note', 10 + minute, { text: `${minute}` }));
	await table.appendEvents([
		event('pending', 1, { firingId: '' }),
		event('fired', 2),
		event('evidence', 3),
		event('acknowledged', 4, { author: 'ann' }),
		event('acknowledged', 5, { author: 'bob' }),
		event('resolved', 6),
		event('fired', 2, { firingId: 'f2', rule: 'Alert/b' }),
		...notes,
	]);
	await table.appendEvents(notes);
	const { events, of } = await table.eventsOf(project, 'f1');
	expect(of).toBe(1_206);
	expect(events).toHaveLength(1_000);
	expect(events.slice(0, 6).map(({ kind, text, author }) => kind + text + author)).toEqual([
		'fired',
		'evidence',
		'acknowledgedann',
		'acknowledgedbob',
		'resolved',
		'note205',
	]);
	expect(events.at(-1)?.text).toBe('1199');
	expect(events.map(({ tMs }) => tMs)).toEqual(events.map(({ tMs }) => tMs).toSorted((a, b) => a - b));
});
