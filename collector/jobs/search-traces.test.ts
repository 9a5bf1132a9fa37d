import { expect, test } from 'vitest';
import type { FindingTable } from '../store/job-types.ts';
import { SearchTraces } from './search-traces.ts';

const traces = 100;
const large = 37;
const id = (trace: number) => trace.toString(16).padStart(32, '0');

test('of traces that are larger than they seemed those alone are left out that are too large by themselves', async () => {
	const reads: number[] = [];
	const column = (value: number) => new Float64Array(traces).fill(value);
	const table: FindingTable = {
		storedTo: () => 1,
		progress: async () => 0,
		note: async () => {},
		touched: async () => ({
			rows: traces,
			project: { ids: new Uint32Array(traces), dictionary: ['default'] },
			traceId: Buffer.from(Array.from({ length: traces }, (_, trace) => id(trace)).join(''), 'hex'),
			fromMs: column(1),
			toMs: column(2),
			spans: column(1),
			firstCommit: column(1),
		}),
		// One byte a trace, which says whether it is too large.
		read: async (_project, some) => {
			reads.push(some.length);
			return Uint8Array.from(some, ({ traceId }) => Number(traceId === id(large)));
		},
		stored: async () => [],
		write: async () => {},
	};
	const search = {
		run: async ({ spans }: { spans: Uint8Array }) =>
			spans.includes(1) ? undefined : { traces: spans.length, found: [] },
	};
	const searching = new SearchTraces({ table, search, clock: () => 1_000, quietMs: 0 });
	expect(await searching.step()).toBe(false);
	expect(searching.state()).toEqual({ tracesAnalysed: traces - 1, tracesSkipped: 1, tracesWaiting: 0 });
	// All, and then two halves of each part that holds it.
	expect(reads[0]).toBe(traces);
	expect(reads.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(traces)));
});
