import type { HeartbeatStatus } from '../../../schema/api-notify.ts';
import { parseDuration } from '../../../schema/query-value.ts';
import type { DocumentOf } from '../../../schema/desired-state.ts';
import type { SendOutbound } from '../../outbound/outbound-client.ts';
import { OutboundError } from '../../outbound/outbound-error.ts';

interface HeartbeatsParts {
	/** Those of every project, by a key of their own. */
	declared: () => ReadonlyMap<string, DocumentOf<'Heartbeat'>>;
	/** Whether rules are being evaluated. */
	isCurrent: () => boolean;
	send: SendOutbound;
	resolveSecrets: (text: string) => Promise<string>;
	clock: () => number;
}

type Beat = Omit<HeartbeatStatus, 'name'> & { dueMs: number; isSending: boolean };

const lookEveryMs = 1_000;
const shortestMs = 10_000;
const mostBeats = 50;

/**
 * Pings URLs while rules are evaluated, so that somebody else notices when they aren't: what doesn't come can't be lost on the
 * way, so nothing is repeated or kept.
 */
export class Heartbeats {
	readonly #parts: HeartbeatsParts;
	readonly #beats = new Map<string, Beat>();
	#timer: NodeJS.Timeout | undefined;

	constructor(parts: HeartbeatsParts) {
		this.#parts = parts;
	}

	start(): void {
		this.#timer ??= setInterval(() => this.beat(), lookEveryMs).unref();
	}

	close(): void {
		clearInterval(this.#timer);
	}

	/** Undefined until its first turn. */
	statusOf(key: string): Omit<HeartbeatStatus, 'name'> | undefined {
		const beat = this.#beats.get(key);
		if (beat === undefined) return undefined;
		const { lastMs, lastStatus, lastError, withheld } = beat;
		return { lastMs, lastStatus, lastError, withheld };
	}

	/** Sends those that are due. */
	beat(): void {
		const { declared, isCurrent, clock } = this.#parts;
		const documents = [...declared()].slice(0, mostBeats);
		const keys = new Set(documents.map(([key]) => key));
		for (const key of this.#beats.keys()) if (!keys.has(key)) this.#beats.delete(key);
		const nowMs = clock();
		for (const [key, { spec }] of documents) {
			const beat = this.#beats.get(key) ?? newBeat();
			this.#beats.set(key, beat);
			if (beat.isSending || beat.dueMs > nowMs) continue;
			beat.withheld = !isCurrent();
			if (beat.withheld) continue;
			beat.dueMs = nowMs + Math.max(shortestMs, Number((parseDuration(spec.every) ?? 0n) / 1_000_000n));
			void this.#send(beat, spec.url);
		}
	}

	async #send(beat: Beat, address: string): Promise<void> {
		const { send, resolveSecrets, clock } = this.#parts;
		beat.isSending = true;
		beat.lastMs = clock();
		try {
			const { status } = await send({ method: 'GET', url: await resolveSecrets(address), headers: {} });
			beat.lastStatus = status;
			beat.lastError = status >= 200 && status < 300 ? null : `answered ${status}`;
		} catch (error) {
			beat.lastStatus = null;
			beat.lastError = error instanceof OutboundError ? error.message : 'it could not be sent';
		} finally {
			beat.isSending = false;
		}
	}
}

const newBeat = (): Beat => ({
	dueMs: 0,
	isSending: false,
	lastMs: null,
	lastStatus: null,
	lastError: null,
	withheld: false,
});
