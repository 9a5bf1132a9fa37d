import { STREAM_CLOSED } from '../../lib/event-stream.ts';
import { mergeTraces } from './merge-traces.ts';
import type { EventStream } from '../../lib/event-stream.ts';
import type { LiveTraces as Told, LiveTrouble } from '../../../schema/api-live.ts';
import type { TraceSummary } from '../../../schema/api.ts';

/** Rows that are kept of what was told: older ones are found by searching. */
const MOST_SHOWN = 500;
const MOST_WAITING = 200;

/** Traces told by a stream while it is open. While paused they wait, so that nothing moves below a reader's eyes. */
export class LiveTraces {
	/** `refused`: the server takes no more followers; look again from time to time instead. */
	state: 'off' | 'opening' | 'following' | 'refused' = $state('off');
	shown = $state.raw<readonly TraceSummary[]>([]);
	waiting = $state.raw<readonly TraceSummary[]>([]);
	/** New at the last look and left out, because nobody could read so many. */
	more = $state(0);
	trouble = $state<string>();
	#isPaused = $state(false);

	get isPaused(): boolean {
		return this.#isPaused;
	}

	/** `12`, or `200+` of which no more are kept. */
	get waitingText(): string {
		return this.waiting.length >= MOST_WAITING ? `${MOST_WAITING}+` : String(this.waiting.length);
	}

	pause(isPaused: boolean): void {
		if (isPaused === this.#isPaused) return;
		this.#isPaused = isPaused;
		if (isPaused) return;
		this.shown = mergeTraces(this.waiting, this.shown, MOST_SHOWN);
		this.waiting = [];
	}

	/** The answer closes it. `onReady`: from here on everything is told; what there is before, has to be read now. */
	follow(stream: EventStream, onReady: () => void): () => void {
		this.#reset('opening');
		const isOpen = () => this.state !== 'off';
		stream.addEventListener('ready', () => {
			if (!isOpen()) return;
			this.state = 'following';
			this.trouble = undefined;
			onReady();
		});
		stream.addEventListener(
			'traces',
			(event) => isOpen() && this.#take(JSON.parse((event as MessageEvent<string>).data) as Told),
		);
		stream.addEventListener('trouble', (event) => {
			if (isOpen()) this.trouble = (JSON.parse((event as MessageEvent<string>).data) as LiveTrouble).detail;
		});
		// The browser comes back by itself, but not after a refusal.
		stream.addEventListener('error', () => {
			if (isOpen()) this.state = stream.readyState === STREAM_CLOSED ? 'refused' : 'opening';
		});
		return () => {
			stream.close();
			this.#reset('off');
		};
	}

	#reset(state: 'off' | 'opening'): void {
		this.state = state;
		this.shown = [];
		this.waiting = [];
		this.more = 0;
		this.trouble = undefined;
	}

	#take({ traces, more }: Told): void {
		this.trouble = undefined;
		this.more = more;
		if (this.#isPaused) this.waiting = mergeTraces(traces, this.waiting, MOST_WAITING);
		else this.shown = mergeTraces(traces, this.shown, MOST_SHOWN);
	}
}
