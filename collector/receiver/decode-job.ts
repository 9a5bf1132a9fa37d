import type { LogBlock } from '../../schema/log-block.ts';
import type { PackedBlock } from '../../schema/packed-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { Redactor } from '../pipeline/redaction.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { DecodeReport } from './decode-report.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import type { LogContext } from './log-collector.ts';
import { LogReader, type LogReport } from './read-logs.ts';
import { TraceReader } from './read-traces.ts';

interface Body {
	body: Uint8Array;
	encoding: OtlpEncoding;
}

export type DecodeJob = Body & ({ signal: 'traces'; context: DecodeContext } | { signal: 'logs'; context: LogContext });

/** What a request held. */
export interface ReadRequest<Report = DecodeReport | LogReport> {
	block: PackedBlock;
	report: Report;
	/** The last one named in the request. */
	service: string;
}

/** Makes of a block what is kept of it, at once: its memory serves the next one. */
export type Pack = (block: SpanBlock | LogBlock) => PackedBlock;

/** Reads and packs bodies of every signal that is kept; one for each thread. */
export class DecodeJobs {
	readonly #pack: Pack;
	readonly #traces: TraceReader;
	readonly #logs: LogReader;

	constructor(pack: Pack, redactor: Redactor = new Redactor()) {
		this.#pack = pack;
		this.#traces = new TraceReader(redactor);
		this.#logs = new LogReader(redactor);
	}

	/** Throws a DecodeError on structural damage. */
	run(job: DecodeJob): ReadRequest {
		const { block, report } = this.#read(job);
		return { block: this.#pack(block), report, service: block.resources.at(-1)?.service ?? '' };
	}

	#read(job: DecodeJob) {
		const { body, encoding } = job;
		if (job.signal === 'logs') return this.#logs.read(body, encoding, job.context);
		return this.#traces.read(body, encoding, job.context);
	}
}
