import type { TraceFileFormat } from '../../../collector/analysis/trace-file/read-trace-file.ts';
import { decodeTrace } from '../../../schema/trace-columns.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import { endOfTrace } from '../span-facts.ts';
import { traceFacts } from '../trace-facts.ts';
import type { TraceFacts } from '../trace-facts.ts';
import { fileSource } from '../trace-source.ts';
import type { TraceSource } from '../trace-source.ts';
import { TraceDocument } from './trace-document.ts';

/** Larger ones hardly fit into a tab's memory once they are read. */
const MAX_BYTES = 512 * 1024 * 1024;

interface ShownTrace {
	traceId: string;
	trace: Trace;
	facts: TraceFacts;
	source: TraceSource;
}

/** A file that the reader opened: read in a worker, kept in this tab alone. */
export class OpenedFile {
	#document: TraceDocument | undefined;
	name = $state('');
	format = $state<TraceFileFormat>();
	traces = $state.raw<readonly { traceId: string; spans: number }[]>([]);
	shown = $state.raw<ShownTrace>();
	isReading = $state(false);
	/** Why the last file can't be shown. */
	problem = $state<string>();

	/** Shows the `wanted` trace when the file has it, else the largest. */
	async open(file: File, wanted: string): Promise<void> {
		this.close();
		this.isReading = true;
		try {
			if (file.size > MAX_BYTES) throw new Error(`The file has ${file.size} bytes; up to ${MAX_BYTES} can be opened.`);
			const document = new TraceDocument();
			this.#document = document;
			const { format, traces } = await document.ask.open(await file.arrayBuffer());
			this.name = file.name;
			this.format = format;
			this.traces = traces;
			await this.show((traces.find(({ traceId }) => traceId === wanted) ?? traces[0])?.traceId ?? '');
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			this.close();
			this.problem = `${file.name}: ${reason}`;
		}
		this.isReading = false;
	}

	async show(traceId: string): Promise<void> {
		if (this.#document === undefined) return;
		const trace = decodeTrace(await this.#document.ask.arrange(traceId));
		const source = fileSource(this.#document, this.name, traceId);
		this.shown = { traceId, trace, source, facts: traceFacts(trace, endOfTrace(trace)) };
	}

	close(): void {
		this.#document?.close();
		this.#document = undefined;
		this.shown = undefined;
		this.traces = [];
		this.problem = undefined;
	}
}
