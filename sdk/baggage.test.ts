import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baggageSampler, withBaggage } from './baggage.ts';

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager()));
afterAll(() => context.disable());

const within = (entries: Record<string, string>) =>
	propagation.setBaggage(
		ROOT_CONTEXT,
		propagation.createBaggage(Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }]))),
	);
const ask = (env: NodeJS.ProcessEnv, parent = ROOT_CONTEXT, keys = ['user.id', 'tenant.id']) =>
	baggageSampler(keys, env).shouldSample(parent, 'a'.repeat(32), 'name', SpanKind.INTERNAL, {}, []);

test('spans take what was asked for from the baggage, cut, and nothing else', () => {
	const baggage = within({ 'user.id': '7', 'tenant.id': 'x'.repeat(1_000), secret: 's' });
	expect(ask({}, baggage).attributes).toEqual({ 'user.id': '7', 'tenant.id': 'x'.repeat(256) });
	expect(ask({}).attributes ?? {}).toEqual({});
	expect(ask({}, baggage, ['absent']).attributes).toEqual({});
});

const parent = (traceFlags: number) =>
	trace.setSpanContext(ROOT_CONTEXT, { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags });
const { NOT_RECORD, RECORD_AND_SAMPLED } = SamplingDecision;

test.each([
	['', undefined, RECORD_AND_SAMPLED, NOT_RECORD],
	['always_on', undefined, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED],
	['always_off', undefined, NOT_RECORD, NOT_RECORD],
	['traceidratio', '0', NOT_RECORD, NOT_RECORD],
	['traceidratio', undefined, RECORD_AND_SAMPLED, RECORD_AND_SAMPLED],
	['parentbased_always_on', undefined, RECORD_AND_SAMPLED, NOT_RECORD],
	['parentbased_always_off', undefined, NOT_RECORD, NOT_RECORD],
	['parentbased_traceidratio', '0', NOT_RECORD, NOT_RECORD],
])('the sampler %s with %s decides as it does without', (name, ratio, ofRoot, belowUnsampled) => {
	const env = { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio };
	expect(ask(env).decision).toBe(ofRoot);
	expect(ask(env, parent(0)).decision).toBe(belowUnsampled);
	const belowSampled = name.startsWith('parentbased_') || name === '' ? RECORD_AND_SAMPLED : ofRoot;
	expect(ask(env, parent(1)).decision).toBe(belowSampled);
});

test('what withBaggage adds stands beside what was there, inside of it alone', () => {
	const inside = context.with(within({ a: '1', b: '2' }), () =>
		withBaggage({ b: '3', c: '4' }, () => propagation.getActiveBaggage()?.getAllEntries()),
	);
	expect(inside).toEqual([
		['a', { value: '1' }],
		['b', { value: '3' }],
		['c', { value: '4' }],
	]);
	expect(propagation.getActiveBaggage()).toBeUndefined();
});
