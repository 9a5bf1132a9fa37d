import type { Trace } from '../../../schema/trace-columns.ts';
import { startWorker } from '../../lib/start-worker.ts';
import type { MinimapRects, OverviewColumns, OverviewWork } from './overview-work.ts';
// Vite makes the address of a chunk of its own.
// oxlint-disable-next-line import/default
import workerUrl from './overview.worker.ts?worker&url';

export type OverviewAnswer = { minimap: MinimapRects } | { slow: number };

/** Up to here the walk is quicker than starting a worker. */
const LARGE = 4_000;

/** Asks for what the first picture can do without: beside the page for large traces, after the picture for others. */
export class TraceOverview {
	readonly #columns: OverviewColumns;
	readonly #told: (answer: OverviewAnswer) => void;
	#worker: Worker | undefined;
	#work: Promise<OverviewWork> | undefined;
	#isClosed = false;

	/** `told` hears of the minimap for each width, and once of how many spans are slow. */
	constructor(trace: Trace, told: (answer: OverviewAnswer) => void) {
		const { count, start, duration, depth, flags, service, operation, names } = trace;
		this.#columns = { count, start, duration, depth, flags, service, operation, names: { length: names.length } };
		this.#told = (answer) => {
			if (!this.#isClosed) told(answer);
		};
	}

	/** `width`: whole pixels. */
	show(width: number): void {
		if (this.#columns.count > LARGE) this.#showByWorker(width);
		else void this.#showHere(width);
	}

	close(): void {
		this.#isClosed = true;
		this.#worker?.terminate();
	}

	#showByWorker(width: number): void {
		if (this.#worker !== undefined) {
			this.#worker.postMessage({ width }, []);
			return;
		}
		this.#worker = startWorker(workerUrl);
		this.#worker.addEventListener('message', ({ data }: MessageEvent<OverviewAnswer>) => this.#told(data));
		// The columns are views of the whole answer: only what is needed is copied, once.
		const { count, names, ...arrays } = this.#columns;
		const copies = {
			start: arrays.start.slice(),
			duration: arrays.duration.slice(),
			depth: arrays.depth.slice(),
			flags: arrays.flags.slice(),
			service: arrays.service.slice(),
			operation: arrays.operation.slice(),
		};
		this.#worker.postMessage(
			{ columns: { count, names, ...copies }, width },
			Object.values(copies).map(({ buffer }) => buffer),
		);
	}

	async #showHere(width: number): Promise<void> {
		const isFirst = this.#work === undefined;
		this.#work ??= import('./overview-work.ts').then((module) => new module.OverviewWork(this.#columns));
		const work = await this.#work;
		this.#told({ minimap: work.minimap(width) });
		if (isFirst) this.#told({ slow: work.slow() });
	}
}
