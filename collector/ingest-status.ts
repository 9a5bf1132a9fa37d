import type { IngestAnswer } from '../schema/api-ingest.ts';
import type { StatusAnswer } from '../schema/api-status.ts';
import { RedactionCounts } from './pipeline/redaction-counts.ts';
import type { RedactionCount } from './pipeline/redaction-counts.ts';
import type { DecodeReport } from './receiver/decode-report.ts';
import type { IngestObserver } from './receiver/ingest-observer.ts';
import { Rejections } from './rejections.ts';
import type { SelfMetrics } from './self-metrics.ts';
import { TEST_SERVICE } from './test-span.ts';

type Ingest = StatusAnswer['ingest'];
type OfProject = Pick<Ingest, 'requests' | 'spansReceived' | 'lastRequestMs' | 'lastAcceptedMs' | 'lastService'>;

const keptFailures = 20;
const shownRedactions = 100;
/** A path or a message in an answer is a stranger's text: enough of it to recognise, no more. */
const keptCharacters = 500;

/** What the receiver told, as counters for Prometheus and in words for the page that says why nothing arrives. */
export class IngestStatus implements IngestObserver {
	readonly #metrics: SelfMetrics;
	readonly #clock: () => number;
	readonly #sinceMs: number;
	readonly #rejections = new Rejections();
	readonly #marks = new Map<string, number>();
	#droppedAttributes = 0;
	#requests = 0;
	#received = 0;
	#lastRequestMs: number | null = null;
	#lastAcceptedMs: number | null = null;
	#lastService: string | null = null;
	readonly #redactions = new RedactionCounts();
	readonly #rejected = new Map<string, number>();
	readonly #logs = { exceptions: 0, correlated: 0, rejected: new Map<string, number>() };
	#failures: Ingest['recentFailures'] = [];

	readonly #ofProjects = new Map<string, OfProject>();
	readonly #noteProject: (project: string) => void;

	/** `noteProject` is told of the project of each request that brought spans. */
	constructor(metrics: SelfMetrics, clock: () => number, noteProject: (project: string) => void = () => {}) {
		this.#noteProject = noteProject;
		this.#metrics = metrics;
		this.#clock = clock;
		this.#sinceMs = clock();
	}

	requestReceived: IngestObserver['requestReceived'] = ({ signal, bytes }) => {
		this.#requests += 1;
		this.#lastRequestMs = this.#clock();
		this.#metrics.receivedBytes.inc({ signal }, bytes);
	};

	spansAccepted: IngestObserver['spansAccepted'] = ({ report, service, project }) => {
		// An empty request only asks whether somebody is there, and so does a test span.
		if (report.accepted > 0 && service !== TEST_SERVICE) this.#noteProject(project);
		this.#countProject(project, report.accepted, service);
		this.#received += report.accepted;
		this.#lastAcceptedMs = this.#clock();
		this.#lastService = service;
		this.#metrics.spansReceived.inc(report.accepted);
		this.#metrics.spansAccepted.inc(report.accepted);
		this.#noteMarks(report);
		this.#noteRedactions(report.redactions);
	};

	logsAccepted: IngestObserver['logsAccepted'] = ({ report: { accepted, redactions } }) => {
		this.#logs.exceptions += accepted.exceptions;
		this.#logs.correlated += accepted.correlated;
		this.#metrics.logsAccepted.inc({ kept_for: 'exception' }, accepted.exceptions);
		this.#metrics.logsAccepted.inc({ kept_for: 'trace' }, accepted.correlated);
		this.#noteRedactions(redactions);
	};

	spansRepeated: IngestObserver['spansRepeated'] = (spans) => this.#metrics.spansRepeated.inc(spans);

	rejected: IngestObserver['rejected'] = ({ signal, reason, count, sample }) => {
		this.#rejections.add({
			signal,
			reason,
			count,
			lastMs: this.#clock(),
			sample: sample?.slice(0, keptCharacters) ?? null,
		});
		if (signal === 'logs') {
			this.#logs.rejected.set(reason, (this.#logs.rejected.get(reason) ?? 0) + count);
			this.#metrics.logsRejected.inc({ reason }, count);
		}
		if (signal !== 'traces') return;
		this.#received += count;
		this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
		this.#metrics.spansReceived.inc(count);
		this.#metrics.spansRejected.inc({ reason }, count);
	};

	requestFailed: IngestObserver['requestFailed'] = ({ method, path, status, detail }) => {
		const short = (text: string) => text.slice(0, keptCharacters);
		const failure = { tMs: this.#clock(), method: short(method), path: short(path), status, detail: short(detail) };
		this.#failures = [failure, ...this.#failures].slice(0, keptFailures);
	};

	answered: IngestObserver['answered'] = (status) => this.#metrics.acks.inc({ status: String(status) });

	/** What was rejected is still counted. */
	forgetSamples(): void {
		this.#rejections.forgetSamples();
		this.#failures = [];
	}

	/** What was refused belongs to no project: its samples may be anybody's. */
	forgetProject(project: string): void {
		this.#ofProjects.delete(project);
		this.forgetSamples();
	}

	/** What was counted since the start, for the page about ingest. */
	counts(): Pick<IngestAnswer, 'sinceMs' | 'rejections' | 'marks' | 'droppedAttributes'> {
		return {
			sinceMs: this.#sinceMs,
			rejections: this.#rejections.list(),
			marks: Object.fromEntries(this.#marks),
			droppedAttributes: this.#droppedAttributes,
		};
	}

	#countProject(project: string, spans: number, service: string): void {
		const { requests, spansReceived } = this.#ofProjects.get(project) ?? { requests: 0, spansReceived: 0 };
		const nowMs = this.#clock();
		const counted = { requests: requests + 1, spansReceived: spansReceived + spans };
		this.#ofProjects.set(project, { ...counted, lastRequestMs: nowMs, lastAcceptedMs: nowMs, lastService: service });
	}

	/** What was taken of one project. What was refused belongs to none. */
	describeProject(project: string): OfProject {
		const nothing = { requests: 0, spansReceived: 0, lastRequestMs: null, lastAcceptedMs: null, lastService: null };
		return this.#ofProjects.get(project) ?? nothing;
	}

	#noteMarks({ marked, droppedAttributes }: DecodeReport): void {
		this.#droppedAttributes += droppedAttributes;
		if (droppedAttributes > 0) this.#metrics.attributesDropped.inc(droppedAttributes);
		for (const [mark, count] of Object.entries(marked)) {
			if (count === 0) continue;
			this.#marks.set(mark, (this.#marks.get(mark) ?? 0) + count);
			this.#metrics.spansMarked.inc({ mark }, count);
		}
	}

	#noteRedactions(redactions: readonly RedactionCount[]): void {
		for (const { key, rule, count } of redactions) {
			this.#redactions.add(key, rule, count);
			this.#metrics.redactions.inc({ rule }, count);
		}
	}

	describe(spansStored: number): Ingest {
		return {
			requests: this.#requests,
			spansReceived: this.#received,
			spansStored,
			spansRejected: Object.fromEntries(this.#rejected),
			logs: { ...this.#logs, rejected: Object.fromEntries(this.#logs.rejected) },
			lastRequestMs: this.#lastRequestMs,
			lastAcceptedMs: this.#lastAcceptedMs,
			lastService: this.#lastService,
			recentFailures: this.#failures,
			redactions: this.#redactions.list().slice(0, shownRedactions),
		};
	}
}
