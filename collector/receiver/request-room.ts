import { ProblemError } from '../problem.ts';
import type { BytesInFlight, Hold } from './bytes-in-flight.ts';

/** Told to a client whose request would not fit beside those that are being received. */
export const noRoom = (): ProblemError =>
	new ProblemError(503, 'TOO_MUCH_IN_FLIGHT', 'too much is being received at once; send it again');

/** The room that one request takes, from its first byte until it is answered and done with. */
export class RequestRoom {
	readonly #bytesInFlight: BytesInFlight;
	#hold: Hold | undefined;

	constructor(bytesInFlight: BytesInFlight) {
		this.#bytesInFlight = bytesInFlight;
	}

	/** Throws when there is no room for so many bytes; whoever reads the body stops then. */
	readonly take = (bytes: number): void => {
		this.#hold ??= this.#bytesInFlight.hold(0);
		if (this.#hold?.resize(bytes) !== true) throw noRoom();
	};

	/** See Hold. */
	keepFor(work: Promise<unknown>): void {
		this.#hold?.keepFor(work);
	}

	release(): void {
		this.#hold?.release();
	}
}
