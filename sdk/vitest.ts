/**
 * `@spanhouse/sdk/vitest`, as a set-up file of Vitest: traces the tests' process, sends nothing, and lets tests say what a call
 * may do behind its result.
 */
import { NodeSDK } from '@opentelemetry/sdk-node';
import { expect } from 'vitest';
import { createInstrumentations } from './instrumentations.ts';
import { installModuleHooks, patchBuiltins, patchedModules } from './module-hooks.ts';
import { failedSpans, repeatedQueries, selfTimes, TraceRecorder } from './recorded-trace.ts';
import type { RecordedTrace } from './recorded-trace.ts';

export type { RecordedTrace } from './recorded-trace.ts';

const recorder = new TraceRecorder();
const instrumentations = createInstrumentations(process.env);
const patched = instrumentations.flatMap(patchedModules);
installModuleHooks(patched);
new NodeSDK({ instrumentations, spanProcessors: [recorder], metricReaders: [], logRecordProcessors: [] }).start();
patchBuiltins(patched);

/** Runs a call and resolves with its spans. Throws what the call throws. */
export const traceOf = <Result>(call: () => Result | Promise<Result>): Promise<RecordedTrace<Result>> =>
	recorder.record(call);

interface TraceMatchers<Result> {
	/** No query ran more than `most` times (2), whatever its values: no N+1. */
	toHaveNoRepeatedQueries(most?: number): Result;
	/** The call took less than so many milliseconds. */
	toTakeLessThan(milliseconds: number): Result;
	/** No span, or none of this name, took so many milliseconds by itself: without the time in which a child of it ran. Vitest has a `toBeFasterThan` of its own. */
	toHaveSelfTimesBelow(milliseconds: number, name?: string): Result;
	/** A span failed. */
	toHaveErrors(): Result;
	/** There is a span of this name. */
	toHaveSpan(name: string): Result;
}

declare module 'vitest' {
	// Its parameters have to be those of Vitest.
	interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends TraceMatchers<R> {}
}

expect.extend({
	toHaveNoRepeatedQueries(received: RecordedTrace, most = 2) {
		const repeated = repeatedQueries(received, most);
		const list = repeated.map(({ query, times }) => `${times} × ${query}`).join('\n');
		return {
			pass: repeated.length === 0,
			message: () => (list === '' ? 'expected a query to repeat' : `queries repeat:\n${list}`),
		};
	},
	toTakeLessThan({ durationMs }: RecordedTrace, milliseconds: number) {
		return {
			pass: durationMs < milliseconds,
			message: () => `the call took ${durationMs.toFixed(1)} ms, to be compared with ${milliseconds} ms`,
		};
	},
	toHaveSelfTimesBelow(received: RecordedTrace, milliseconds: number, name?: string) {
		const asked = selfTimes(received).filter((span) => name === undefined || span.name === name);
		// Negated, too, a test of a span that isn't there would hold whatever happens.
		if (asked.length === 0) throw new Error(`no span ${name ?? ''} to be measured`);
		const slow = asked.filter(({ selfMs }) => selfMs >= milliseconds);
		const list = (slow.length === 0 ? asked : slow).map(({ name, selfMs }) => `${name}: ${selfMs.toFixed(1)} ms`);
		return {
			pass: slow.length === 0,
			message: () => `by themselves, to be compared with ${milliseconds} ms:\n${list.join('\n')}`,
		};
	},
	toHaveErrors(received: RecordedTrace) {
		const failed = failedSpans(received);
		return {
			pass: failed.length > 0,
			message: () => (failed.length === 0 ? 'no span failed' : `spans failed:\n${failed.join('\n')}`),
		};
	},
	toHaveSpan({ spans }: RecordedTrace, name: string) {
		const names = spans.map((span) => span.name);
		return {
			pass: names.includes(name),
			message: () => `spans: ${names.join(', ') || 'none'}; asked for ${name}`,
		};
	},
});
