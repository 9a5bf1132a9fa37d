import { startWorker } from '../../lib/start-worker.ts';
import { layoutKey, mapLayout } from './layout.ts';
import type { Layable, MapLayout } from './layout.ts';
// Vite makes the address of a chunk of its own.
// oxlint-disable-next-line import/default
import workerUrl from './layout.worker.ts?worker&url';

/** Up to so many nodes and edges it takes some tens of milliseconds, and the page lays them out itself. */
const SMALL = { nodes: 30, edges: 60 };
/** A dense graph of hundreds of nodes can take minutes. */
const LONGEST_MS = 20_000;
const MOST_KEPT = 12;

const NOTHING: MapLayout = { width: 0, height: 0, nodes: [], edges: new Map(), groups: [] };

/** Where nodes lie: worked out once for each set of nodes and edges, beside the page where there are many. */
export class MapLayouts {
	/** Of the map that was shown last; while that is worked out, of the one before. */
	layout = $state.raw(NOTHING);
	/** Of what `layout` is. */
	key = $state('');
	isWorking = $state(false);
	/** It would take too long. */
	isGivenUp = $state(false);
	#wanted = '';
	#worker: Worker | undefined;
	#deadline: ReturnType<typeof setTimeout> | undefined;
	readonly #kept = new Map<string, MapLayout>();

	show(map: Layable): void {
		const key = layoutKey(map);
		if (key === this.#wanted) return;
		this.close();
		this.#wanted = key;
		this.isGivenUp = false;
		const kept = this.#kept.get(key) ?? (isSmall(map) ? mapLayout(map) : undefined);
		if (kept === undefined) this.#work(key, map);
		else this.#take(key, kept);
	}

	close(): void {
		this.#worker?.terminate();
		this.#worker = undefined;
		this.isWorking = false;
		this.#wanted = '';
		clearTimeout(this.#deadline);
	}

	#work(key: string, { nodes, edges, groups = [] }: Layable): void {
		this.isWorking = true;
		this.#worker = startWorker(workerUrl);
		this.#worker.addEventListener('message', ({ data }: MessageEvent<MapLayout>) => {
			this.close();
			this.#take(key, data);
		});
		this.#deadline = setTimeout(() => {
			this.close();
			this.#wanted = key;
			this.isGivenUp = true;
		}, LONGEST_MS);
		const plain: Layable = {
			nodes: nodes.map(({ id }) => ({ id })),
			edges: edges.map(({ id, caller, callee }) => ({ id, caller, callee })),
			groups: groups.map(({ id, members }) => ({ id, members: [...members] })),
		};
		// oxlint-disable-next-line unicorn/require-post-message-target-origin
		this.#worker.postMessage(plain);
	}

	#take(key: string, layout: MapLayout): void {
		if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
		this.#kept.set(key, layout);
		this.#wanted = key;
		this.layout = layout;
		this.key = key;
	}
}

const isSmall = ({ nodes, edges }: Layable): boolean => nodes.length <= SMALL.nodes && edges.length <= SMALL.edges;
