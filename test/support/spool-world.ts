import { Spool } from '../../collector/spool/spool.ts';
import { spanBlockCodec } from '../../collector/spool/span-block-codec.ts';
import type { SpoolOptions } from '../../collector/spool/spool.ts';
import type { CrashPoint } from '../../collector/spool/crash-point.ts';
import { SpoolRefusal } from '../../collector/spool/spool-error.ts';
import { silentLog } from '../../collector/log.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { ModelDisk } from './model-disk.ts';
import type { Random } from './model-disk.ts';
import { ModelSink, poisonName } from './model-sink.ts';
import { spanBlock } from './span-block.ts';

export const spoolFolder = '/spool';
const hourMs = 3_600_000;
const never = new Promise<never>(() => undefined);

/** One request and what its sender knows of it. */
export interface Sent {
	spanIds: string[];
	hasPoison: boolean;
	fingerprint: Uint8Array | undefined;
	outcome: 'waiting' | 'acknowledged' | 'refused';
}

export interface SendOptions {
	spans: number;
	project?: string;
	/** Hours before 2026-01-01 at which the spans end, in turn. */
	hours?: readonly number[];
	poison?: boolean;
	fingerprint?: number;
}

/** A spool on a model disk, with a model sink, that can die and be opened again; and a ledger of what was promised. */
export class SpoolWorld {
	readonly disk: ModelDisk;
	readonly sink = new ModelSink();
	readonly sent: Sent[] = [];
	readonly #random: Random;
	readonly #options: Partial<SpoolOptions>;
	#spool: Spool | undefined;
	#dieAt: { point: CrashPoint; countdown: number; power: boolean } | undefined;
	#death = Promise.withResolvers<undefined>();
	#spanIds = 0;
	nowMs = Date.UTC(2026, 0, 1);
	/** How often the process died where it was told to. */
	readonly deaths = new Map<CrashPoint, number>();

	constructor(random: Random, options: Partial<SpoolOptions> = {}) {
		this.#random = random;
		this.#options = options;
		this.disk = new ModelDisk(random);
	}

	get spool(): Spool {
		if (this.#spool === undefined) throw new Error('the spool is not open');
		return this.#spool;
	}

	get isOpen(): boolean {
		return this.#spool !== undefined;
	}

	async open(): Promise<void> {
		const life = this.disk.life;
		const opening = Spool.open({
			codec: spanBlockCodec,
			folder: spoolFolder,
			maxBytes: 1e9,
			segmentBytes: 4_096,
			lingerMs: 0,
			backoffMs: { first: 0.1, last: 1, pressure: 1 },
			batch: { maxSpans: 12, maxBytes: 1e6 },
			patience: { tries: 2, againMs: { first: 0.1, last: 1 }, mostMs: Infinity, mostBatches: 2 },
			log: silentLog,
			...this.#options,
			disk: this.disk.mount(),
			sink: this.sink.connect(() => this.disk.life === life),
			clock: () => this.nowMs,
			crash: async (point) => {
				if (this.disk.life !== life || this.#isDeath(point)) await never;
			},
		});
		// A death while it opens leaves the promise hanging, as it should.
		this.#spool = await Promise.race([opening, this.#death.promise]);
	}

	/** Dies when the point is reached for the `countdown`-th time. */
	dieAt(point: CrashPoint, countdown: number, power: boolean): void {
		this.#dieAt = { point, countdown, power };
	}

	#isDeath(point: CrashPoint): boolean {
		if (this.#dieAt?.point !== point || --this.#dieAt.countdown > 0) return false;
		this.deaths.set(point, (this.deaths.get(point) ?? 0) + 1);
		const { power } = this.#dieAt;
		this.#dieAt = undefined;
		this.die(power);
		return true;
	}

	die(power: boolean): void {
		if (power) this.disk.cutPower();
		else this.disk.kill();
		this.sink.settleHanging(this.#random);
		if (this.sink.mode === 'hangs') this.sink.mode = 'works';
		this.#spool = undefined;
		this.#death.resolve(undefined);
		this.#death = Promise.withResolvers();
	}

	/** Sends without waiting for the answer. */
	send(options: SendOptions): Sent {
		const block = this.#block(options);
		const { fingerprint } = options;
		const sent: Sent = {
			spanIds: Array.from({ length: block.rows }, (_, row) =>
				Buffer.from(block.spanId.subarray(row * 8, row * 8 + 8)).toString('hex'),
			),
			hasPoison: options.poison === true,
			fingerprint: fingerprint === undefined ? undefined : Buffer.alloc(16, fingerprint + 1),
			outcome: 'waiting',
		};
		this.sent.push(sent);
		void this.#deliver(sent, block);
		return sent;
	}

	async #deliver(sent: Sent, block: SpanBlock): Promise<void> {
		try {
			await this.spool.append(block, sent.fingerprint);
			sent.outcome = 'acknowledged';
		} catch (error) {
			if (!(error instanceof SpoolRefusal)) throw error;
			sent.outcome = 'refused';
		}
	}

	#block({ spans, project = 'default', hours = [0], poison }: SendOptions): SpanBlock {
		const rows = Array.from({ length: spans }, (_, row) => {
			const endMs = this.nowMs - (hours[row % hours.length] ?? 0) * hourMs;
			return {
				traceId: '0af7651916cd43dd8448eb211c80319c',
				spanId: (++this.#spanIds).toString(16).padStart(16, '0'),
				startUnixNano: 0n,
				endUnixNano: BigInt(endMs) * 1_000_000n,
				name: poison && row === 0 ? poisonName : 'GET /',
			};
		});
		return spanBlock(rows, project);
	}

	/** Lets what is under way get a little further. */
	async pass(turns = 1): Promise<void> {
		for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
	}

	/** All troubles end, the spool is open, and everything is drained. */
	async heal(): Promise<void> {
		this.#dieAt = undefined;
		Object.assign(this.disk.faults, { writes: 0, syncs: 0, creates: 0 });
		this.sink.settleHanging(this.#random);
		this.sink.mode = 'works';
		if (this.isOpen) await this.pass(20);
		this.die(false);
		await this.open();
		if (!(await this.spool.drain(60_000))) throw new Error(`not drained: ${JSON.stringify(this.spool.state())}`);
	}

	/** What breaks the promise, in words; empty when it is kept. */
	broken(): string[] {
		const stored = new Map<string, number>();
		for (const id of this.sink.spanIds()) stored.set(id, (stored.get(id) ?? 0) + 1);
		const known = new Set(this.sent.flatMap(({ spanIds }) => spanIds));
		return [
			...[...stored].filter(([, times]) => times > 1).map(([id, times]) => `span ${id} is stored ${times} times`),
			...[...stored.keys()].filter((id) => !known.has(id)).map((id) => `span ${id} is stored and was never sent`),
			...this.sent.flatMap((sent) => brokenAnswers(sent, stored)),
			...this.#brokenRetries(),
		];
	}

	/** Requests with one fingerprint are one request: acknowledged once or more often, stored once. */
	#brokenRetries(): string[] {
		const stored = new Set(this.sink.spanIds());
		const groups = Map.groupBy(
			this.sent.filter(({ fingerprint }) => fingerprint !== undefined),
			({ fingerprint }) => String(fingerprint),
		);
		return [...groups.values()].flatMap((group) => {
			const copies = group.filter(({ spanIds }) => stored.has(spanIds[0] ?? '')).length;
			const isPromised = group.some(({ outcome, hasPoison }) => outcome === 'acknowledged' && !hasPoison);
			const hasPoison = group.some((sent) => sent.hasPoison);
			if (copies > 1) return [`a request that was retried is stored ${copies} times`];
			return isPromised && !hasPoison && copies === 0
				? ['a request that was acknowledged as a retry is not stored']
				: [];
		});
	}

	quarantined(): string[] {
		return this.disk.paths().filter((path) => path.endsWith('.quarantine'));
	}
}

/** Small and good enough: mulberry32. */
export function seededRandom(seed: number): Random {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

function brokenAnswers(
	{ spanIds, outcome, hasPoison, fingerprint }: Sent,
	stored: ReadonlyMap<string, number>,
): string[] {
	if (outcome === 'refused') {
		return spanIds.filter((id) => stored.has(id)).map((id) => `span ${id} was refused and is stored`);
	}
	// Of poison nothing is stored but what lies in other partitions; of retries one copy is.
	if (outcome === 'waiting' || hasPoison || fingerprint !== undefined) return [];
	return spanIds.filter((id) => !stored.has(id)).map((id) => `span ${id} was acknowledged and is not stored`);
}
