import { ProblemError } from '../problem.ts';
import { BytesInFlight, usualBytesInFlight } from './bytes-in-flight.ts';
import type { Hold } from './bytes-in-flight.ts';
import { inflateBody } from './content-encoding.ts';
import type { BodyLimits } from './content-encoding.ts';
import { Turns } from './turns.ts';

/** As many as zlib has threads: the others would only hold memory. */
const INFLATED_AT_ONCE = 4;

/** What requests share, over all connections of all listeners. */
export class IngestRoom {
	readonly bytesInFlight: BytesInFlight;
	/** Each of these may be as large as a body may be before it is known how large it is. */
	readonly inflating = new Turns(INFLATED_AT_ONCE);

	/** Beyond `maxBytes` of bodies, more is refused until some of it is answered. */
	constructor(maxBytes = usualBytesInFlight()) {
		this.bytesInFlight = new BytesInFlight(maxBytes);
	}
}

/** Told to a client whose request would not fit beside those that are being received. */
const noRoom = (): ProblemError =>
	new ProblemError(503, 'TOO_MUCH_IN_FLIGHT', 'too much is being received at once; send it again');

/** The room that one request takes, from its first byte until it is answered and done with. */
export class RequestRoom {
	readonly #shared: IngestRoom;
	#hold: Hold | undefined;

	constructor(shared: IngestRoom) {
		this.#shared = shared;
	}

	/** Throws when there is no room for what is announced; takes none, for it may never come. */
	expect(bytes: number): void {
		if (!this.#shared.bytesInFlight.hasRoomFor(bytes)) throw noRoom();
	}

	/** Throws when there is no room for so many bytes; whoever reads the body stops then. */
	readonly take = (bytes: number): void => {
		this.#hold ??= this.#shared.bytesInFlight.hold(0);
		if (this.#hold?.resize(bytes) !== true) throw noRoom();
	};

	/** What a body inflates to is known only then; it has to find room like any other. */
	async inflate(wire: Uint8Array, encoding: string, limits: BodyLimits): Promise<Uint8Array> {
		if (encoding === 'identity') return this.#sized(wire);
		return this.#shared.inflating.run(async () => this.#sized(await inflateBody(wire, encoding, limits)));
	}

	/** See Hold. */
	keepFor(work: Promise<unknown>): void {
		this.#hold?.keepFor(work);
	}

	release(): void {
		this.#hold?.release();
	}

	#sized(body: Uint8Array): Uint8Array {
		this.take(body.length);
		return body;
	}
}
