const SERVICES = ['frontend', 'checkout', 'cart', 'payment', 'inventory', 'search', 'mail', 'database'];
const NAMES = ['GET /cart', 'POST /charge', 'SELECT products WHERE id = ?', 'reserve', 'render', 'publish orders'];
const FAN_OUT = 12;
const SPANS_A_REQUEST = 5_000;

/** One trace of so many spans, each with its calls within its own time, sent in several requests. Resolves with its id. */
export async function sendLargeTrace(endpoint: string, size: number): Promise<string> {
	const traceId = size.toString(16).padStart(32, 'b');
	const beganNano = BigInt(Date.now() - 60_000) * 1_000_000n;
	const starts = new Float64Array(size);
	const durations = new Float64Array(size).fill(30e9);
	for (let i = 1; i < size; i++) {
		const parent = Math.floor((i - 1) / FAN_OUT);
		const room = (durations[parent] ?? 0) / (FAN_OUT + 1);
		starts[i] = (starts[parent] ?? 0) + ((i - 1) % FAN_OUT) * room + room / 4;
		durations[i] = Math.max(1_000, Math.floor(room * (0.5 + ((i * 7) % 5) / 10)));
	}
	for (let first = 0; first < size; first += SPANS_A_REQUEST) {
		const rows = Array.from({ length: Math.min(SPANS_A_REQUEST, size - first) }, (_, i) => first + i);
		const resourceSpans = SERVICES.map((service, s) => ({
			resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
			scopeSpans: [{ spans: rows.filter((i) => i % SERVICES.length === s).map(spanOf) }],
		}));
		const answer = await fetch(`${endpoint}/v1/traces`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ resourceSpans }),
		});
		if (!answer.ok) throw new Error(`the trace was answered ${answer.status}: ${await answer.text()}`);
	}
	return traceId;

	function spanOf(i: number): object {
		const start = beganNano + BigInt(Math.floor(starts[i] ?? 0));
		return {
			traceId,
			spanId: idOf(i),
			parentSpanId: i === 0 ? '' : idOf(Math.floor((i - 1) / FAN_OUT)),
			name: NAMES[i % NAMES.length],
			kind: 1 + (i % 3),
			startTimeUnixNano: String(start),
			endTimeUnixNano: String(start + BigInt(durations[i] ?? 0)),
			...(i % 97 === 0 ? { status: { code: 2 } } : {}),
		};
	}
}

const idOf = (i: number): string => (i + 1).toString(16).padStart(16, '0');
