import type { LiveTrouble } from '../../../schema/api-live.ts';
import type { Log } from '../../log.ts';
import { messageOf, ProblemError } from '../../problem.ts';
import type { LiveReader } from '../../store/search/live-reader.ts';
import { LiveTopic } from './live-topic.ts';
import type { LiveAsk } from './live-topic.ts';

/** One that follows. */
export interface Follower {
	/** False when it doesn't keep up: it is left behind then. */
	send(event: string): boolean;
	end(): void;
}

export interface LiveFeedOptions {
	reader: LiveReader;
	/** Changes whenever spans were stored. */
	storedSpans: () => number;
	clock: () => number;
	metrics: { liveFollowers: { set(count: number): void }; liveDropped: { inc(): void } };
	log: Log;
}

const mostFollowers = 64;
/** Different queries at a time: each costs a read a look. */
const mostTopics = 16;
/** How soon after spans were stored they are looked for. */
const tickMs = 200;
/** Other collectors may store into the same ClickHouse: then nothing tells of it here. */
const unpromptedMs = 2_000;
const heartbeatMs = 15_000;

interface Followed {
	topic: LiveTopic;
	followers: Set<Follower>;
	isTroubled: boolean;
}

/** Tells followers of traces as they are stored. One loop looks for all of them, one query at a time, and only while somebody follows. */
export class LiveFeed {
	readonly #options: LiveFeedOptions;
	readonly #topics = new Map<string, Followed>();
	#running: Promise<void> | undefined;
	readonly #closed = new AbortController();
	#stored = -1;
	#lookedMs = Number.NEGATIVE_INFINITY;
	#beatMs = 0;

	constructor(options: LiveFeedOptions) {
		this.#options = options;
	}

	/** The answer ends it. Throws a ProblemError of 503 when too many follow already. */
	follow(ask: LiveAsk, follower: Follower): () => void {
		const key = JSON.stringify([ask.project, ask.environment ?? null, ask.q]);
		const found = this.#topics.get(key);
		if (
			this.#closed.signal.aborted ||
			this.#count() >= mostFollowers ||
			(found === undefined && this.#topics.size >= mostTopics)
		) {
			throw new ProblemError(503, 'TOO_MANY_FOLLOWERS', 'too many follow new traces already; look again later instead');
		}
		const followed = found ?? {
			topic: new LiveTopic(this.#options.reader, ask),
			followers: new Set<Follower>(),
			isTroubled: false,
		};
		this.#topics.set(key, followed);
		followed.followers.add(follower);
		if (followed.topic.hasLooked) this.#send(followed, follower, 'ready', {});
		else this.#stored = -1;
		this.#report();
		this.#running ??= this.#run();
		return () => this.#leave(key, followed, follower);
	}

	/** Ends all streams: nothing else would, and a server that stops waits for its answers. */
	async close(): Promise<void> {
		this.#closed.abort();
		for (const [key, followed] of this.#topics) {
			for (const follower of followed.followers) {
				this.#leave(key, followed, follower);
				follower.end();
			}
		}
		await this.#running;
	}

	#leave(key: string, followed: Followed, follower: Follower): void {
		if (!followed.followers.delete(follower)) return;
		if (followed.followers.size === 0) {
			followed.topic.end();
			this.#topics.delete(key);
		}
		this.#report();
	}

	#count(): number {
		let count = 0;
		for (const { followers } of this.#topics.values()) count += followers.size;
		return count;
	}

	#report(): void {
		this.#options.metrics.liveFollowers.set(this.#count());
	}

	async #run(): Promise<void> {
		this.#beatMs = this.#options.clock();
		while (this.#topics.size > 0) {
			const startedMs = this.#options.clock();
			if (this.#isDue(startedMs)) await this.#lookForAll();
			this.#beat(startedMs);
			// Looking takes no more than half of the time, however slow the store is.
			const restMs = Math.min(10_000, Math.max(tickMs, this.#options.clock() - startedMs));
			await rest(restMs, this.#closed.signal);
		}
		this.#running = undefined;
	}

	#isDue(nowMs: number): boolean {
		const stored = this.#options.storedSpans();
		if (stored === this.#stored && nowMs - this.#lookedMs < unpromptedMs) return false;
		this.#stored = stored;
		this.#lookedMs = nowMs;
		return true;
	}

	async #lookForAll(): Promise<void> {
		for (const followed of this.#topics.values()) {
			const isFirst = !followed.topic.hasLooked;
			try {
				const found = await followed.topic.look(this.#options.clock());
				followed.isTroubled = false;
				if (isFirst) this.#sendAll(followed, 'ready', {});
				if (found.traces.length > 0 || found.more > 0) this.#sendAll(followed, 'traces', found);
			} catch (error) {
				if (followed.followers.size > 0) this.#tellTrouble(followed, error);
			}
		}
	}

	/** Once, however often it is tried. */
	#tellTrouble(followed: Followed, error: unknown): void {
		if (followed.isTroubled) return;
		followed.isTroubled = true;
		this.#options.log.warn({ error: messageOf(error) }, 'new traces could not be looked for');
		const code = error instanceof ProblemError ? error.code : 'STORE_UNAVAILABLE';
		this.#sendAll(followed, 'trouble', { code, detail: 'New traces could not be looked for' } satisfies LiveTrouble);
	}

	/** Keeps proxies from closing what is quiet. */
	#beat(nowMs: number): void {
		if (nowMs - this.#beatMs < heartbeatMs) return;
		this.#beatMs = nowMs;
		for (const followed of this.#topics.values()) {
			for (const follower of followed.followers) this.#sendTo(followed, follower, ': beat\n\n');
		}
	}

	#sendAll(followed: Followed, event: string, data: object): void {
		const text = encode(event, data);
		for (const follower of followed.followers) this.#sendTo(followed, follower, text);
	}

	#send(followed: Followed, follower: Follower, event: string, data: object): void {
		this.#sendTo(followed, follower, encode(event, data));
	}

	#sendTo(followed: Followed, follower: Follower, text: string): void {
		if (follower.send(text)) return;
		this.#options.metrics.liveDropped.inc();
		const key = [...this.#topics].find(([, candidate]) => candidate === followed)?.[0] ?? '';
		this.#leave(key, followed, follower);
		follower.end();
	}
}

/** JSON has no line breaks of its own, so that one line of data is enough. */
const encode = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Waits, or less when it is all over. */
async function rest(ms: number, over: AbortSignal): Promise<void> {
	if (over.aborted) return;
	const { promise, resolve } = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, ms);
	const end = () => resolve();
	over.addEventListener('abort', end);
	await promise;
	over.removeEventListener('abort', end);
	clearTimeout(timer);
}
