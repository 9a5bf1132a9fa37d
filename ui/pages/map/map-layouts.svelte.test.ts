import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startWorker } from '../../lib/start-worker.ts';
import { MapLayouts } from './map-layouts.svelte.ts';

vi.mock(import('../../lib/start-worker.ts'), () => ({ startWorker: vi.fn() }));

/** Lays nothing out until it is told to. */
class StillWorker extends EventTarget {
	readonly postMessage = vi.fn();
	readonly terminate = vi.fn();
}
const workers: StillWorker[] = [];
beforeEach(() => {
	vi.useFakeTimers();
	workers.length = 0;
	vi.mocked(startWorker).mockImplementation(() => {
		const worker = new StillWorker();
		workers.push(worker);
		return worker as unknown as Worker;
	});
});
afterEach(() => {
	vi.useRealTimers();
});

const chain = (length: number) => {
	const nodes = Array.from({ length }, (_, i) => ({ id: `n${i}` }));
	const edges = nodes.slice(1).map(({ id }, i) => ({ id: `n${i} → ${id}`, caller: `n${i}`, callee: id }));
	return { nodes, edges };
};
const answer = (width: number) => ({ width, height: 1, nodes: [], edges: new Map(), groups: [] });

test('a small map is laid out at once, a large one beside the page, each once', () => {
	const layouts = new MapLayouts();
	layouts.show(chain(3));
	expect([layouts.isWorking, layouts.layout.nodes.length, workers.length]).toEqual([false, 3, 0]);
	layouts.show(chain(40));
	expect([layouts.isWorking, layouts.layout.nodes.length]).toEqual([true, 3]);
	workers[0]?.dispatchEvent(new MessageEvent('message', { data: answer(7) }));
	expect([layouts.isWorking, layouts.layout.width]).toEqual([false, 7]);
	layouts.show(chain(3));
	layouts.show(chain(40));
	expect([layouts.layout.width, workers.length]).toEqual([7, 1]);
});

test('few nodes with many edges are laid out beside the page, too', () => {
	const { nodes } = chain(9);
	const edges = nodes.flatMap((a) => nodes.map((b) => ({ id: `${a.id} → ${b.id}`, caller: a.id, callee: b.id })));
	const layouts = new MapLayouts();
	layouts.show({ nodes, edges });
	expect([layouts.isWorking, workers.length]).toEqual([true, 1]);
	layouts.close();
});

test('what takes too long is given up and ended, and said until another map is shown', () => {
	const layouts = new MapLayouts();
	layouts.show(chain(40));
	vi.advanceTimersByTime(20_000);
	expect([layouts.isGivenUp, layouts.isWorking, workers[0]?.terminate.mock.calls.length]).toEqual([true, false, 1]);
	layouts.show(chain(40));
	expect(workers).toHaveLength(1);
	layouts.show(chain(41));
	expect([layouts.isGivenUp, layouts.isWorking]).toEqual([false, true]);
	layouts.close();
	vi.advanceTimersByTime(20_000);
	expect([layouts.isGivenUp, workers[1]?.terminate.mock.calls.length]).toEqual([false, 1]);
});
