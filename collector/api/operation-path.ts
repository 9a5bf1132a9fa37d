import { setImmediate } from 'node:timers/promises';
import { operationPathAnswer, operationPathRequest } from '../../schema/api-operation-path.ts';
import type { OperationPathAnswer, OperationPathGroup } from '../../schema/api-operation-path.ts';
import { comparedWindow } from '../../schema/compared-window.ts';
import { addCriticalPath, noPaths, pathShares } from '../analysis/operation-path.ts';
import type { PathSums } from '../analysis/operation-path.ts';
import type { ChosenSpans, DurationBand, OperationPathReader } from '../store/traces/operation-path-reader.ts';
import type { RedReader, ServiceName, WindowScope } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { resolveService } from './service-name.ts';

/** Of each: the typical and the slow ones. Together a thousand traces. */
const tracesOfGroup = 500;
const maxParts = 50;

interface Asked {
	scope: WindowScope;
	service: ServiceName;
	operation: string;
}

interface Sample {
	sums: PathSums;
	facts: OperationPathGroup['now'];
}

/** Where the time of an operation goes: for typical and for slow spans, now and in the window that is compared. */
export function operationPathRoutes(paths: OperationPathReader, red: RedReader, clock: () => number): Route[] {
	return [
		route({
			path: '/operations/critical-path',
			role: 'viewer',
			summary: 'Shares of the critical path by service and operation, over up to a thousand traces of an operation',
			query: operationPathRequest,
			answer: operationPathAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const service = await resolveService(red, scope, query.service);
				return c.json<OperationPathAnswer>(await answer(paths, { scope, service, operation: query.operation }));
			},
		}),
	];
}

async function answer(paths: OperationPathReader, asked: Asked): Promise<OperationPathAnswer> {
	const before = comparedWindow(asked.scope.window, asked.scope.comparison ?? 'prev');
	const askedBefore = { ...asked, scope: { ...asked.scope, window: before } };
	const [now, past] = await Promise.all([choose(paths, asked), choose(paths, askedBefore)]);
	const group = async (which: 'typical' | 'slow'): Promise<OperationPathGroup> => {
		const ofNow = await sample(paths, asked, now[which]);
		const ofPast = await sample(paths, askedBefore, past[which]);
		return { now: ofNow.facts, before: ofPast.facts, parts: pathShares(ofNow.sums, ofPast.sums, maxParts) };
	};
	// While the store reads for one, the paths of the other are laid over each other.
	const [typical, slow] = await Promise.all([group('typical'), group('slow')]);
	const used = typical.now.traces + slow.now.traces;
	const of = typical.now.of + slow.now.of;
	return {
		window: asked.scope.window,
		before,
		typical,
		slow,
		...(used < of ? { partial: { reason: 'a sample of the spans, chosen by their ids', seen: used, of } } : {}),
	};
}

interface ChosenOfBand extends ChosenSpans {
	band: DurationBand;
}

async function choose(
	paths: OperationPathReader,
	{ scope, service, operation }: Asked,
): Promise<{ typical: ChosenOfBand; slow: ChosenOfBand }> {
	const { typical, slow } = await paths.bounds(scope, service, operation);
	const found = await paths.choose(scope, service, operation, [typical, slow], tracesOfGroup);
	const ofBand = (band: DurationBand, index: number): ChosenOfBand => ({
		band,
		...(found[index] ?? { of: 0, meanNano: 0, chosen: [] }),
	});
	return { typical: ofBand(typical, 0), slow: ofBand(slow, 1) };
}

async function sample(
	paths: OperationPathReader,
	{ scope, operation }: Asked,
	{ band, of, meanNano, chosen }: ChosenOfBand,
): Promise<Sample> {
	const spansOfTrace = Map.groupBy(chosen, ({ traceId }) => traceId);
	const sums = noPaths();
	for await (const traces of paths.traces(scope, chosen)) {
		for (const [traceId, spans] of traces) {
			for (const { spanId } of spansOfTrace.get(traceId) ?? [])
				addCriticalPath(sums, spans, BigInt(`0x${spanId}`), operation);
		}
		// Some hundred traces took a while: others want the thread, too.
		await setImmediate();
	}
	return { sums, facts: { traces: sums.traces, of, ...band, meanNano } };
}
