import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenAlerting } from '../../../collector/alerting/open-alerting.ts';
import { openAlerting } from '../../../collector/alerting/open-alerting.ts';
import type { AlertEventRow } from '../../../collector/store/alerts/alert-types.ts';
import { postMortem } from '../../../collector/alerting/post-mortem.ts';
import type { Transition } from '../../../collector/alerting/transition.ts';
import { changesIn } from '../../../collector/api/changes.ts';
import { StoredDocuments } from '../../../collector/desired/documents.ts';
import { silentLog } from '../../../collector/log.ts';
import { Pins } from '../../../collector/keeping/pins.ts';
import { createSelfMetrics } from '../../../collector/self-metrics.ts';
import { StateStore } from '../../../collector/state/state-store.ts';
import { documentSchema } from '../../../schema/desired-state.ts';
import type { Evidence } from '../../../schema/api-alerts.ts';
import type { DocumentOf } from '../../../schema/desired-state.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { until } from '../../support/product.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const minuteMs = 60_000;
const t0 = Date.UTC(2026, 10, 20, 12);
const project = 'default';

/** Ten requests a minute; from minute 20 on every second one goes through a provider that is slow, and every tenth fails. */
function checkouts(minutes: number): PlainSpan[] {
	return Array.from({ length: minutes * 10 }, (_, index): PlainSpan => {
		const minute = Math.floor(index / 10);
		const isBad = minute >= 20 && index % 2 === 0;
		const endUnixNano = BigInt(t0 + minute * minuteMs + (index % 10) * 5_000) * 1_000_000n;
		return {
			traceId: (index + 1).toString(16).padStart(32, 'a'),
			spanId: (index + 1).toString(16).padStart(16, 'b'),
			startUnixNano: endUnixNano - (isBad ? 900_000_000n : 50_000_000n),
			endUnixNano,
			kind: 2,
			name: 'POST /checkout',
			operation: 'POST /checkout',
			error: index % 10 === 0 && minute >= 20,
			resource: { service: 'checkout', namespace: 'shop', environment: 'prod', version: minute >= 19 ? 'v2' : 'v1' },
			attributes: [
				['payment.provider', { stringValue: isBad ? 'slowpay' : 'fastpay' }],
				['user.id', { stringValue: `user-${index % 3}` }],
			],
		};
	});
}
const spans = checkouts(30);

/** All searches are slow from minute 15 on, most of them in an index that few were in before; nobody asked for exports before minute 18. */
function slowSince15(minutes: number): PlainSpan[] {
	return Array.from({ length: minutes * 20 }, (_, index): PlainSpan => {
		const minute = Math.floor(index / 20);
		const isSlow = minute >= 15;
		const isExport = index % 2 === 1;
		const endUnixNano = BigInt(t0 + minute * minuteMs + (index % 20) * 2_500) * 1_000_000n;
		const operation = isExport && minute >= 18 ? 'GET /export' : 'GET /search';
		return {
			traceId: (index + 1).toString(16).padStart(32, 'd'),
			spanId: (index + 1).toString(16).padStart(16, 'e'),
			startUnixNano: endUnixNano - (isSlow ? 900_000_000n : 50_000_000n),
			endUnixNano,
			kind: 2,
			name: operation,
			operation,
			resource: { service: 'search', namespace: 'shop', environment: 'prod', version: 'v1' },
			attributes: [['index.name', { stringValue: (index % (isSlow ? 8 : 10) === 0) === isSlow ? 'warm' : 'cold' }]],
		};
	});
}
const searches = slowSince15(30);

const alert = documentSchema.parse({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'Alert',
	metadata: { name: 'checkout-is-slow', labels: { team: 'shop' } },
	spec: {
		query: 'service:shop/checkout',
		measure: 'p95',
		window: '2m',
		every: '1m',
		conditions: [{ severity: 'page', above: '500ms', for: '2 of 2' }],
	},
}) as DocumentOf<'Alert'>;
const objective = documentSchema.parse({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'SLO',
	metadata: { name: 'checkout-latency' },
	spec: {
		total: 'service:shop/checkout env:prod',
		good: 'duration<300ms -error:true',
		targetPercent: 99,
		window: { duration: '1d' },
	},
}) as DocumentOf<'SLO'>;

let store: ThrowAwayStore;
let state: StateStore;
let opened: OpenAlerting;
const published: Transition[] = [];
let nowMs = t0 + 10 * minuteMs;

const open = (documents: StoredDocuments): Promise<OpenAlerting> =>
	openAlerting({
		store,
		state,
		documents,
		changes: (scope) => changesIn(store.changes, scope),
		watermarkMs: () => nowMs,
		pins: new Pins({ state, traces: store.keeping.pinned, bytesOnDisk: async () => 0, clock: () => nowMs }),
		publish: async (transition) => void published.push(transition),
		silencedUntilMs: () => null,
		clock: () => nowMs,
		evidenceMs: 60_000,
		log: silentLog,
		metrics: createSelfMetrics(),
	});

let documents: StoredDocuments;
beforeAll(async () => {
	store = await throwAwayStore();
	await store.writer.append(spanBlock(spans));
	await store.writer.append(spanBlock(searches));
	state = await StateStore.open({ table: store.stateTable, clock: () => nowMs });
	documents = new StoredDocuments({ state, report: () => {}, isSource: () => false });
	await documents.put(project, alert, { author: 'ann' });
	await documents.put(project, objective, { author: 'ann' });
	opened = await open(documents);
});
afterAll(async () => {
	await opened?.stop();
	await store?.[Symbol.asyncDispose]();
});

const evaluatedTo = (minute: number): Promise<boolean> => {
	nowMs = t0 + minute * minuteMs + 31_000;
	return until(
		async () => {
			const { alerts } = await opened.alerting.alerts(project);
			const isDone = alerts[0]?.evaluatedMs === t0 + minute * minuteMs;
			return isDone || undefined;
		},
		`evaluated up to minute ${minute}`,
		60_000,
	);
};

test(
	'an alert fires with what is different, the change before and a trace of either kind',
	{ timeout: 180_000 },
	async () => {
		await evaluatedTo(10);
		await evaluatedTo(20);
		expect(published.filter(({ kind }) => kind === 'Alert')).toEqual([]);
		await evaluatedTo(22);
		const fired = await until(async () => published.find(({ kind }) => kind === 'Alert'), 'told', 60_000);
		expect(fired).toMatchObject({
			rule: 'checkout-is-slow',
			severity: 'page',
			state: 'firing',
			labels: { team: 'shop' },
			services: ['shop/checkout'],
			startedMs: t0 + 22 * minuteMs,
			query: 'service:shop/checkout entry:true',
		});
		const { firings } = { firings: await opened.alerting.firings(project, { fromMs: t0, toMs: nowMs, limit: 10 }) };
		const page = firings.find(({ kind }) => kind === 'Alert')!;
		const detail = (await opened.alerting.firing(project, page.firingId))!;
		const inWindow = spans.filter(({ endUnixNano }) => {
			const ms = Number(endUnixNano / 1_000_000n);
			return ms >= t0 + 20 * minuteMs && ms < t0 + 22 * minuteMs;
		});
		const slow = inWindow.filter(({ startUnixNano, endUnixNano }) => endUnixNano - startUnixNano > 500_000_000n);
		expect(detail.evidence).toMatchObject({
			requests: slow.length,
			ofRequests: inWindow.length,
			users: new Set(slow.map(({ attributes }) => attributes![1]![1].stringValue)).size,
			change: { service: 'shop/checkout', title: 'deploy of shop/checkout v2' },
			violating: { durationNano: 900_000_000, operation: 'POST /checkout' },
			good: { durationNano: 50_000_000 },
		});
		expect(detail.evidence!.differences[0]).toMatchObject({
			key: 'payment.provider',
			value: 'slowpay',
			selectedRatio: 1,
			restRatio: 0,
		});
		expect(fired.evidence?.difference).toMatchObject({ key: 'payment.provider', value: 'slowpay' });
		expect(detail.timeline.map(({ kind }) => kind)).toEqual(['pending', 'fired']);
		expect(detail.points.at(-1)).toMatchObject({ tMs: t0 + 22 * minuteMs, requests: 20 });
		const shown = [detail.evidence!.violating!.traceId, detail.evidence!.good!.traceId];
		const pinned = await until(async () => {
			const found = state.list(project, 'pin').map(({ name, author }) => [name, author] as const);
			return found.length === 2 ? found : undefined;
		}, 'pinned');
		expect(new Map(pinned)).toEqual(new Map(shown.map((traceId) => [traceId, 'alerts'])));
		expect(postMortem(detail)).toContain('`payment.provider: slowpay`: 100 % of those that violated');
	},
);

/** Declares a rule that fires with its first window, and takes it away when that, and its end, was told. */
async function firesOnce(name: string, query: string): Promise<{ told: Transition; evidence: Evidence }> {
	const spec = {
		...alert.spec,
		query,
		conditions: [{ severity: 'ticket' as const, above: '500ms', for: '1 of 3' }],
	};
	await documents.put(project, { ...alert, metadata: { ...alert.metadata, name }, spec }, { author: 'ann' });
	const toldOf = (state: Transition['state']) => async () =>
		published.find((one) => one.rule === name && one.state === state);
	const told = await until(toldOf('firing'), `told of ${name}`, 60_000);
	const { evidence } = (await opened.alerting.firing(project, told.firingId))!;
	await documents.delete(project, 'Alert', name, { author: 'ann' });
	await until(toldOf('resolved'), `told of the end of ${name}`, 60_000);
	return { told, evidence: evidence! };
}

test('where all spans violate, what is different is counted against the hour before, if there was one', async () => {
	const { told, evidence } = await firesOnce('search-is-slow', 'service:shop/search operation:"GET /search"');
	// Windows of two minutes, each minute, one of three: it may have begun four minutes before it fired.
	const beganMs = told.startedMs - 4 * minuteMs;
	const cold = (from: number, to: number) => {
		const there = searches.filter(({ operation, endUnixNano }) => {
			const ms = Number(endUnixNano / 1_000_000n);
			return operation === 'GET /search' && ms >= from && ms < to;
		});
		return {
			all: there.length,
			cold: there.filter(({ attributes }) => attributes![0]![1].stringValue === 'cold').length,
		};
	};
	const [since, before] = [cold(beganMs, told.startedMs), cold(beganMs - 60 * minuteMs, beganMs)];
	expect(evidence.ofRequests).toBe(evidence.requests);
	expect(evidence.comparedWith).toBe('hourBefore');
	expect(evidence.differences).toMatchObject([
		{
			key: 'index.name',
			value: 'cold',
			selected: since.cold,
			rest: before.cold,
			selectedRatio: since.cold / since.all,
			restRatio: before.cold / before.all,
		},
	]);
	expect(told.evidence).toMatchObject({ comparedWith: 'hourBefore', difference: evidence.differences[0] });
	// No objective is about searches.
	expect(told.budgetLeftRatio).toBeNull();
	const fresh = await firesOnce('export-is-slow', 'service:shop/search operation:"GET /export"');
	expect(fresh.evidence).toMatchObject({ comparedWith: 'nothing', differences: [] });
});

test('what people note of a firing stays', async () => {
	const [firing] = await opened.alerting.firings(project, {
		fromMs: t0,
		toMs: nowMs,
		limit: 10,
		rule: 'Alert/checkout-is-slow',
	});
	const note = { author: 'bob', text: 'on it' };
	expect(await opened.alerting.note(project, firing!.firingId, { kind: 'acknowledged', ...note })).toBe(true);
	expect(await opened.alerting.note(project, 'nobody', { kind: 'note', ...note })).toBe(false);
	const detail = await opened.alerting.firing(project, firing!.firingId);
	expect(detail!.acknowledged).toMatchObject(note);
	expect(detail).not.toHaveProperty('partial');
	const noted = (await store.alertTable.eventsOf(project, firing!.firingId)).events[0]!;
	const more = Array.from({ length: 1_000 }, (_, second): AlertEventRow => ({
		...noted,
		kind: 'note',
		firingId: firing!.firingId,
		tMs: nowMs + second * 1_000,
		text: `${second}`,
		document: '',
	}));
	await store.alertTable.appendEvents(more);
	const cut = (await opened.alerting.firing(project, firing!.firingId))!;
	const of = cut.partial?.of ?? 0;
	expect(of).toBeGreaterThan(1_000);
	expect(cut.partial).toMatchObject({ seen: 1_000, what: 'events' });
	expect(cut).toMatchObject({ startedMs: detail!.startedMs, endedMs: detail!.endedMs });
	expect(cut.notes.at(-1)?.text).toBe('999');
	expect(postMortem(cut)).toContain(`1000 of ${of} events`);
});

test('the back-test says what the evaluator did, and the series has its values', async () => {
	const window = { fromMs: t0 + 5 * minuteMs, toMs: nowMs };
	const backtest = await opened.alerting.backtest(project, alert, window);
	expect(backtest.series[0]!.bands).toEqual([
		{ severity: 'page', fromMs: t0 + 22 * minuteMs, toMs: t0 + 22 * minuteMs },
	]);
	expect(backtest.tally).toEqual(backtest.current);
	expect(backtest.suggested).toBeNull();
	const series = (await opened.alerting.series(project, 'checkout-is-slow', window))!;
	expect(series.recordedSinceMs).toBe(t0 + 9 * minuteMs);
	expect(series.series[0]!.points.filter(({ revised }) => revised)).toEqual([]);
	// Three spans come late, into windows that were evaluated: what was used stays, and is marked.
	const late = spans.slice(150, 153).map((span, index) => ({
		...span,
		spanId: `cccccccccccccc${index}0`,
		startUnixNano: span.endUnixNano - 3_000_000_000n,
	}));
	await store.writer.append(spanBlock(late));
	const again = (await opened.alerting.series(project, 'checkout-is-slow', window))!;
	const revised = again.series[0]!.points.filter((point) => point.revised);
	expect(revised.map(({ tMs }) => (tMs - t0) / minuteMs)).toEqual([16, 17]);
	expect(revised.map(({ value }) => value)).toEqual(
		series.series[0]!.points.filter(({ tMs }) => revised.some((point) => point.tMs === tMs)).map(({ value }) => value),
	);
});

test('the back-test of an objective fires when its alerts did, and says when they can not', async () => {
	const window = { fromMs: t0 + 9 * minuteMs, toMs: nowMs };
	const tried = await opened.alerting.backtest(project, objective, window);
	const fired = (await opened.alerting.firings(project, { fromMs: t0, toMs: nowMs, limit: 100 })).filter(
		({ kind }) => kind === 'SLO',
	);
	expect(fired.length).toBeGreaterThan(0);
	const begun = tried.series[0]!.bands.map(({ severity, fromMs }) => `${severity} ${fromMs}`);
	expect(begun.sort()).toEqual(fired.map(({ severity, startedMs }) => `${severity} ${startedMs}`).sort());
	expect(tried.current).toEqual(tried.tally);
	const lenient = { ...objective, spec: { ...objective.spec, targetPercent: 90 } };
	const { warnings, tally } = await opened.alerting.backtest(project, lenient, window);
	expect(warnings).toContainEqual(expect.stringMatching(/14\.4 times the budget can never fire/));
	expect(tally.firings).toBeLessThan(tried.tally.firings);
});

test('an objective counts its events exactly, and the gate closes with its budget', async () => {
	const detail = await until(
		async () => {
			const found = await opened.objectives.one(project, 'checkout-latency');
			return found !== undefined && found.total >= 220 ? found : undefined;
		},
		'counted back to the first span',
		45_000,
	);
	const counted = spans.filter(({ endUnixNano }) => Number(endUnixNano / 1_000_000n) < t0 + 22 * minuteMs);
	const bad = counted.filter(
		({ startUnixNano, endUnixNano, error }) => error || endUnixNano - startUnixNano >= 300_000_000n,
	);
	expect(detail.total).toBe(counted.length);
	expect(detail.total - detail.good).toBe(bad.length);
	expect(detail.budgetLeftRatio).toBeCloseTo(1 - bad.length / (counted.length * 0.01), 9);
	expect(detail.spenders[0]).toMatchObject({ key: 'payment.provider', value: 'slowpay' });
	expect(detail.points.at(-1)!.budgetLeftRatio).toBeCloseTo(detail.budgetLeftRatio!, 9);
	const { told } = await firesOnce('checkout-again', 'service:shop/checkout');
	expect(told.budgetLeftRatio).toBeCloseTo(detail.budgetLeftRatio!, 9);
	const ask = (more: object) =>
		opened.askGate({
			project,
			service: 'checkout',
			environment: 'prod',
			intent: 'release',
			override: undefined,
			author: 'ci',
			...more,
		});
	const refused = await ask({});
	expect(refused.decision).toBe('deny');
	expect(refused.reasons.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
		expect.arrayContaining(['firing checkout-is-slow', 'budget checkout-latency']),
	);
	expect((await ask({ intent: 'rollback' })).decision).toBe('allow');
	expect((await ask({ environment: 'staging', service: 'other' })).decision).toBe('allow');
	expect((await ask({ override: 'the fix of the fix' })).decision).toBe('allow');
	expect(state.get({ project, kind: 'gate.override', name: 'checkout' })).toMatchObject({
		author: 'ci',
		value: { reason: 'the fix of the fix' },
	});
});

test('a rule that the rollups cannot answer records its past, as far as there are spans', async () => {
	const spec = {
		...alert.spec,
		query: 'service:shop/checkout payment.provider:slowpay',
		measure: 'count',
		conditions: [{ severity: 'page' as const, above: 1_000, for: '1 of 1' }],
	};
	await documents.put(project, { ...alert, metadata: { ...alert.metadata, name: 'slowpay' }, spec }, { author: 'ann' });
	const series = await until(
		async () => {
			const found = await opened.alerting.series(project, 'slowpay', { fromMs: t0, toMs: nowMs });
			return found?.recordedSinceMs === t0 + 2 * minuteMs ? found : undefined;
		},
		'recorded',
		30_000,
	);
	const counted = (tMs: number) =>
		spans.filter(({ endUnixNano, attributes }) => {
			const ms = Number(endUnixNano / 1_000_000n);
			return ms >= tMs - 2 * minuteMs && ms < tMs && attributes![0]![1].stringValue === 'slowpay';
		}).length;
	const points = series.series[0]!.points.filter(({ tMs }) => tMs >= t0 + 2 * minuteMs);
	expect(points.map(({ value }) => value)).toEqual(points.map(({ tMs }) => counted(tMs)));
	await documents.delete(project, 'Alert', 'slowpay', { author: 'ann' });
});

test('another start knows what fires, tells nothing twice, and ends what is removed', async () => {
	await opened.stop();
	const before = published.length;
	opened = await open(documents);
	await evaluatedTo(30);
	// By now the three late ones are counted, too.
	const counted = await until(async () => {
		const found = await opened.objectives.one(project, 'checkout-latency');
		return found?.total === spans.length + 3 ? found : undefined;
	}, 'late spans counted');
	expect(counted.recordedSinceMs).toBeLessThanOrEqual(t0);
	expect(published.slice(before).filter(({ kind }) => kind === 'Alert')).toEqual([]);
	await documents.delete(project, 'Alert', 'checkout-is-slow', { author: 'ann' });
	const ended = await until(async () => published.slice(before).find(({ kind }) => kind === 'Alert'), 'ended');
	expect(ended).toMatchObject({ state: 'resolved', reason: 'rule removed', startedMs: t0 + 22 * minuteMs });
});
