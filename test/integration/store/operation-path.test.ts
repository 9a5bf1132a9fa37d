import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operationPathRoutes } from '../../../collector/api/operation-path.ts';
import { mount } from '../../../collector/api/route.ts';
import type { OperationPathAnswer, OperationPathGroup } from '../../../schema/api-operation-path.ts';
import { operationPathAnswer } from '../../../schema/api-operation-path.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { shuffled } from './oracle.ts';

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 20, 12, 30);
const random = randomNumbers(77);
const below = (limit: number) => Math.floor(random() * limit);

/** A span of the test, with its children: times in microseconds after the trace began. */
interface Node {
	service: string;
	operation: string;
	from: number;
	to: number;
	children: Node[];
}

/** Random calls below a node, some beside each other, all within it. */
function grow(node: Node, depth: number): Node {
	const calls = depth > 0 ? below(4) : 0;
	for (let child = 0; child < calls; child += 1) {
		const from = node.from + below(node.to - node.from);
		const to = from + 1 + below(node.to - from);
		const called = ['cart', 'stock', 'mail'][below(3)]!;
		node.children.push(grow({ service: called, operation: `op ${below(4)}`, from, to, children: [] }, depth - 1));
	}
	return node;
}

const checkout = (length: number): Node =>
	grow({ service: 'web', operation: 'POST /checkout', from: 0, to: length, children: [] }, 3);

let nextId = 1;
const idText = (bytes: number) => (nextId++).toString(16).padStart(bytes * 2, '0');

function flat(node: Node, traceId: string, beganMs: number, parent: string): PlainSpan[] {
	const spanId = idText(8);
	const nano = (micros: number) => BigInt(Math.round(beganMs * 1_000) + micros) * 1_000n;
	const span: PlainSpan = {
		traceId,
		spanId,
		parentSpanId: parent,
		startUnixNano: nano(node.from),
		endUnixNano: nano(node.to),
		kind: parent === '' ? 2 : 1,
		name: node.operation,
		operation: node.operation,
		resource: { service: node.service },
	};
	return [span, ...node.children.flatMap((child) => flat(child, traceId, beganMs, spanId))];
}

/** The definition, word for word: who was waited for at each microsecond, told by going back from the end. */
function bruteForce(root: Node): Map<string, number> {
	const found = new Map<string, number>();
	const walk = (node: Node, from: number, to: number): void => {
		const key = `${node.service} ${node.operation}`;
		let cursor = to;
		const running = (at: number) =>
			node.children
				.filter((child) => child.from < at && Math.min(child.to, to) <= at && child.to > from)
				.sort((a, b) => Math.min(b.to, to) - Math.min(a.to, to) || a.from - b.from || b.to - a.to)[0];
		for (let child = running(cursor); child !== undefined; child = running(cursor)) {
			const ended = Math.min(child.to, to);
			found.set(key, (found.get(key) ?? 0) + cursor - ended);
			cursor = Math.max(child.from, from);
			walk(child, cursor, ended);
		}
		found.set(key, (found.get(key) ?? 0) + cursor - from);
	};
	walk(root, root.from, root.to);
	return found;
}

interface Told {
	root: Node;
	endMs: number;
}
const told: Told[] = [];
const query = 'service=web&operation=POST%20%2Fcheckout';
let store: ThrowAwayStore;
let ask: (query: string) => Promise<OperationPathAnswer>;

beforeAll(async () => {
	store = await throwAwayStore();
	const spans: PlainSpan[] = [];
	for (let trace = 0; trace < 1_700; trace += 1) {
		const root = checkout(1_000 + below(400_000));
		const endMs = trace < 1_400 ? nowMs - 2 * hourMs + below(2 * hourMs) : nowMs - weekMs - below(hourMs) - 1;
		told.push({ root, endMs });
		spans.push(...flat(root, idText(16), endMs - root.to / 1_000, ''));
	}
	const late = shuffled(spans, random);
	for (let from = 0; from < late.length; from += 5_000)
		await store.writer.append(spanBlock(late.slice(from, from + 5_000)));
	const app = new Hono();
	mount(
		app,
		operationPathRoutes(store.operationPaths, store.red, () => nowMs),
		() => {},
	);
	ask = async (query) => {
		const response = await app.request(`/operations/critical-path?${query}`);
		return operationPathAnswer.parse(await response.json());
	};
});
afterAll(() => store[Symbol.asyncDispose]());

/** Mean time of a trace by part, of the traces whose length lies between two ranks. */
function expected(fromMs: number, toMs: number, low: number, high: number) {
	const members = told
		.filter(({ endMs }) => endMs >= fromMs && endMs < toMs)
		.map(({ root }) => root)
		.sort((a, b) => a.to - b.to);
	// quantileExactLow: the element at ⌊q·n⌋, but for an exact half the lower one.
	const at = (q: number) => members[Math.min(members.length - 1, Math.floor(q * members.length))]!.to;
	const chosen = members.filter(({ to }) => to >= at(low) && to <= at(high));
	const parts = new Map<string, number>();
	for (const root of chosen) {
		for (const [key, micros] of bruteForce(root)) parts.set(key, (parts.get(key) ?? 0) + micros);
	}
	return { of: chosen.length, mean: new Map([...parts].map(([key, sum]) => [key, (sum / chosen.length) * 1_000])) };
}

function expectGroup(shown: OperationPathGroup, [low, high]: [number, number], earlierMs = hourMs): void {
	const now = expected(nowMs - hourMs, nowMs, low, high);
	const before = expected(nowMs - hourMs - earlierMs, nowMs - earlierMs, low, high);
	expect(shown.now).toMatchObject({ of: now.of, traces: now.of });
	expect(shown.before).toMatchObject({ of: before.of, traces: before.of });
	expect(shown.parts.reduce((sum, part) => sum + part.ratio, 0)).toBeCloseTo(1);
	expect(shown.parts.reduce((sum, part) => sum + part.nano, 0)).toBeCloseTo(shown.now.meanNano, 0);
	expect(new Set(shown.parts.map((part) => `${part.service} ${part.operation}`))).toEqual(
		new Set([...now.mean.keys(), ...before.mean.keys()]),
	);
	for (const { service, operation, nano, beforeNano } of shown.parts) {
		expect(nano).toBeCloseTo(now.mean.get(`${service} ${operation}`) ?? 0, 0);
		expect(beforeNano).toBeCloseTo(before.mean.get(`${service} ${operation}`) ?? 0, 0);
	}
}

test('and seven days earlier, where that is asked for', async () => {
	const answer = await ask(`${query}&compare=7d`);
	expect(answer.before).toEqual({ fromMs: answer.window.fromMs - weekMs, toMs: answer.window.toMs - weekMs });
	expectGroup(answer.typical, [0.4, 0.6], weekMs);
	expectGroup(answer.slow, [0.95, 1], weekMs);
});

test('typical and slow spans, now and before, agree with a walk over every trace', async () => {
	const answer = await ask(query);
	expect(answer.before).toEqual({ fromMs: answer.window.fromMs - hourMs, toMs: answer.window.fromMs });
	expect(answer.partial).toBeUndefined();
	expectGroup(answer.typical, [0.4, 0.6]);
	expectGroup(answer.slow, [0.95, 1]);
});

test('without such spans nothing is made up', async () => {
	const { typical, slow } = await ask(`${query}&env=nowhere`);
	for (const group of [typical, slow])
		expect(group).toMatchObject({ now: { traces: 0, of: 0, meanNano: 0 }, parts: [] });
});

test('more spans than are looked at are sampled, the same ones each time, and that is said', async () => {
	// Every trace of the window is typical where all durations are one.
	const same = Array.from({ length: 900 }, () => ({ ...checkout(5_000), operation: 'GET /same' }));
	const block = same.flatMap((root) => flat(root, idText(16), nowMs - 1_000 - below(600_000), ''));
	await store.writer.append(spanBlock(block));
	const first = await ask('service=web&operation=GET%20%2Fsame');
	expect(first.typical.now).toMatchObject({ traces: 500, of: 900 });
	expect(first.partial).toMatchObject({ seen: 1_000, of: 1_800 });
	expect(await ask('service=web&operation=GET%20%2Fsame')).toEqual(first);
	// Copies, as a retried request leaves them, stand for themselves among all, and among those that are looked at once.
	for (let times = 0; times < 3; times += 1) await store.writer.append(spanBlock(block));
	const { typical, slow } = await ask('service=web&operation=GET%20%2Fsame');
	expect(typical).toEqual({ ...first.typical, now: { ...first.typical.now, of: 3_600 } });
	expect(slow.parts).toEqual(first.slow.parts);
});
