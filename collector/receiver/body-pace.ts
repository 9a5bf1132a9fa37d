import { ProblemError } from '../problem.ts';

/** How slowly a body may come: so many bytes a second, on average over each window. */
export interface LeastPace {
	bytesPerSecond: number;
	windowMs: number;
}

/** Slower than any link that carries traces; a window is longer than TCP needs to send again what a bad link lost a few times. */
const LEAST_PACE: LeastPace = { bytesPerSecond: 1_000, windowMs: 10_000 };

/** Watches how a body comes: what it holds of the room for all is not held for somebody who has stopped sending. */
export class BodyPace {
	readonly #bytesPerWindow: number;
	readonly #timer: NodeJS.Timeout;
	#arrived = 0;
	#isOver = false;

	/** `tooSlow` is told once, when a window has passed that brought too little. */
	constructor(tooSlow: (problem: ProblemError) => void, { bytesPerSecond, windowMs }: LeastPace = LEAST_PACE) {
		this.#bytesPerWindow = (bytesPerSecond * windowMs) / 1_000;
		const check = (): void => {
			if (this.#isOver) return;
			if (this.#arrived >= this.#bytesPerWindow) return void (this.#arrived = 0);
			this.stop();
			tooSlow(slowBody(bytesPerSecond));
		};
		this.#timer = setInterval(() => {
			// What waits in the socket, because this process was busy or asleep, is read before that.
			if (this.#arrived < this.#bytesPerWindow) setImmediate(check);
			else check();
		}, windowMs);
	}

	came(bytes: number): void {
		this.#arrived += bytes;
	}

	stop(): void {
		this.#isOver = true;
		clearInterval(this.#timer);
	}
}

const slowBody = (bytesPerSecond: number): ProblemError =>
	new ProblemError(408, 'BODY_TOO_SLOW', `the body came more slowly than ${bytesPerSecond} bytes a second`);
