/** Traces of services that call each other, databases, queues and strangers: the same for the same seed. */
import { SPAN_TYPES } from '../../schema/span.ts';
import type { SpanType } from '../../schema/span.ts';
import { randomNumbers } from './random-spans.ts';
import type { PlainResource, PlainSpan } from './span-block.ts';

const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const typeOf = (type: SpanType): number => SPAN_TYPES.indexOf(type);

export interface CallTracesOptions {
	seed: number;
	traces: number;
	/** The last trace ends here; they are spread over so many milliseconds before. */
	endMs: number;
	withinMs: number;
}

const services = ['web', 'cart', 'checkout', 'payment', 'inventory', 'lonely', "o'brien"];
const databases = [
	['postgresql', 'shop', 'db-1'],
	['postgresql', '', 'db-2'],
	['redis', '', ''],
] as const;
const strangers = ['api.stripe.test', '10.0.0.7', ''];

export function callTraces({ seed, traces, endMs, withinMs }: CallTracesOptions): PlainSpan[] {
	const maker = new TraceMaker(randomNumbers(seed));
	for (let index = 0; index < traces; index += 1) maker.trace(endMs - maker.below(withinMs - 60_000) - 1_000);
	return maker.spans;
}

interface Within {
	traceId: string;
	parentSpanId?: string;
	startNano: bigint;
	endNano: bigint;
	service: string;
}

class TraceMaker {
	readonly spans: PlainSpan[] = [];
	readonly #random: () => number;
	/** Messages that wait for a consumer of another trace. */
	#sent: { traceId: string; spanId: string; queue: string; endNano: bigint }[] = [];

	constructor(random: () => number) {
		this.#random = random;
	}

	below(limit: number): number {
		return Math.floor(this.#random() * limit);
	}
	#pick<Value>(values: readonly Value[]): Value {
		return values[this.below(values.length)]!;
	}
	#hex(digits: number): string {
		return Array.from({ length: digits }, () => this.below(16).toString(16)).join('');
	}

	trace(traceEndMs: number): void {
		const endNano = BigInt(traceEndMs) * 1_000_000n;
		const traceId = this.#hex(32);
		const within = { traceId, startNano: endNano - 900_000_000n, endNano, service: this.#pick(services) };
		if (within.service === 'lonely') this.#span(within, { kind: KIND.server, operation: 'GET /alone', type: 'http' });
		else if (this.below(4) === 0) this.#consumer(within);
		else this.#server(within, 0);
	}

	#server(within: Within, depth: number): void {
		const spanId = this.#span(within, {
			kind: KIND.server,
			operation: `GET /${within.service}/${this.below(2)}`,
			type: 'http',
		});
		this.#work({ ...within, parentSpanId: spanId }, depth);
	}

	/** Sometimes wrapped in a span of its own, sometimes not. */
	#work(within: Within, depth: number): void {
		const wrapped = this.below(3) === 0;
		const inner = wrapped
			? { ...within, parentSpanId: this.#span(within, { kind: KIND.internal, operation: 'handler', type: 'custom' }) }
			: within;
		for (let step = 0; step < 1 + this.below(3); step += 1) this.#step(inner, depth);
	}

	#step(within: Within, depth: number): void {
		const choice = depth > 3 ? 3 + this.below(3) : this.below(7);
		if (choice <= 1) return this.#call(within, depth);
		if (choice === 2) return this.#child(within, depth);
		if (choice === 3) return this.#query(within);
		if (choice === 4) return this.#publish(within, depth);
		if (choice === 5) return void this.#stranger(within);
		this.#span(within, { kind: KIND.client, operation: 'settle', type: 'messaging', promoted: { 'messaging.system': 'kafka', 'messaging.operation.type': 'settle' } }); // prettier-ignore
	}

	#inside({ startNano, endNano }: Within): { startNano: bigint; endNano: bigint } {
		const quarter = (endNano - startNano) / 4n;
		return {
			startNano: startNano + quarter / BigInt(1 + this.below(4)),
			endNano: endNano - quarter / BigInt(1 + this.below(4)),
		};
	}

	#call(within: Within, depth: number): void {
		const callee = this.#pick(services.filter((service) => service !== 'lonely'));
		const client = { ...within, ...this.#inside(within) };
		const spanId = this.#span(client, { kind: KIND.client, operation: `GET ${callee}`, type: this.#pick(['http', 'rpc']), promoted: { 'server.address': callee === 'web' ? 'gateway' : `${callee}.local` } }); // prettier-ignore
		if (this.below(12) === 0) return; // The callee is down: nothing answers.
		const answers = this.below(15) === 0 ? 2 : 1;
		for (let answer = 0; answer < answers; answer += 1) {
			this.#server({ ...client, ...this.#inside(client), service: callee, parentSpanId: spanId }, depth + 1);
		}
	}

	/** The callee's span hangs on one that is no client span. */
	#child(within: Within, depth: number): void {
		const service = this.#pick(services.filter((service) => service !== 'lonely'));
		this.#server({ ...within, ...this.#inside(within), service }, depth + 1);
	}

	#query(within: Within): void {
		const [system, namespace, address] = this.#pick(databases);
		this.#span(
			{ ...within, ...this.#inside(within) },
			{
				kind: this.#pick([KIND.client, KIND.client, KIND.internal]),
				operation: 'SELECT things',
				type: 'db',
				promoted: {
					'db.system.name': system,
					...(namespace === '' ? {} : { 'db.namespace': namespace }),
					...(address === '' ? {} : { 'server.address': address }),
				},
			},
		);
	}

	#stranger(within: Within): string {
		const address = this.#pick(strangers);
		const promoted = {
			...(address === '' ? {} : { 'server.address': address }),
			...(this.below(6) === 0 ? { 'service.peer.name': this.#pick(['mainframe', 'payment']) } : {}),
		};
		return this.#span({ ...within, ...this.#inside(within) }, { kind: KIND.client, operation: 'POST', type: 'http', promoted }); // prettier-ignore
	}

	#publish(within: Within, depth: number): void {
		const queue = this.#pick(['orders', 'mails']);
		const batch = this.below(3) === 0;
		const sender = { ...within, ...this.#inside(within) };
		const spanId = this.#span(sender, {
			kind: batch ? KIND.client : KIND.producer,
			operation: `send ${queue}`,
			type: 'messaging',
			promoted: {
				'messaging.system': 'kafka',
				'messaging.operation.type': 'send',
				'messaging.destination.name': queue,
			},
		});
		this.#sent.push({ traceId: within.traceId, spanId, queue, endNano: sender.endNano });
		// Older instrumentations put the consumer below the producer.
		if (this.below(3) === 0) {
			const service = this.#pick(['payment', 'inventory']);
			// Links to what others sent say nothing where the parent is who sent.
			const links =
				this.below(2) === 0 ? [{ traceId: within.traceId, spanId }, ...this.#sentNear(within).slice(0, 1)] : [];
			this.#consume({ ...within, parentSpanId: spanId, service }, queue, depth, links);
		}
	}

	#consumer(within: Within): void {
		const near = this.#sentNear(within);
		const links = Array.from({ length: this.below(4) }, () => near[this.below(near.length)]).filter(
			(sent) => sent !== undefined,
		);
		this.#consume(within, links[0]?.queue ?? 'orders', 0, links);
	}

	#sentNear(within: Within) {
		return this.#sent.filter(({ endNano }) => {
			const waitedNano = within.endNano - endNano;
			return waitedNano > -200_000_000_000n && waitedNano < 3_000_000_000_000n;
		});
	}

	#consume(within: Within, queue: string, depth: number, links: readonly { traceId: string; spanId: string }[]): void {
		const spanId = this.#span(within, {
			kind: KIND.consumer,
			operation: `process ${queue}`,
			type: 'messaging',
			links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
			promoted: this.below(8) === 0 ? {} : { 'messaging.system': 'kafka', 'messaging.destination.name': queue },
		});
		this.#work({ ...within, parentSpanId: spanId }, depth + 1);
	}

	#span(
		within: Within,
		span: Omit<PlainSpan, 'traceId' | 'spanId' | 'startUnixNano' | 'endUnixNano' | 'type'> & { type: SpanType },
	): string {
		const spanId = this.#hex(16);
		const { type, ...facts } = span;
		this.spans.push({
			traceId: within.traceId,
			spanId,
			...(within.parentSpanId === undefined ? {} : { parentSpanId: within.parentSpanId }),
			startUnixNano: within.startNano,
			endUnixNano: within.endNano,
			...facts,
			type: typeOf(type),
			error: this.below(8) === 0,
			weight: this.below(10) === 0 ? 10 : 1,
			resource: resourceOf(within.service),
		});
		return spanId;
	}
}

const resourceOf = (service: string): PlainResource => ({
	service,
	namespace: service === 'payment' ? 'shop' : '',
	environment: service === 'inventory' ? 'staging' : 'production',
});
