/** The exporters of OpenTelemetry Python and Go send to the real product. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProduct } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { expectStored, runSender } from './recorded.ts';
import { goProgram, hasGo, hasPython, pythonProgram } from '../../support/toolchain.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()));
afterAll(async () => void (await product?.stop()));

const hostOf = (url: string): string => new URL(url).host;

test.skipIf(!hasPython)('Python: over HTTP and gRPC, with every compression that its exporters have', async () => {
	const [interpreter, program] = pythonProgram(new URL('python', import.meta.url));
	const recorded = await runSender(interpreter, [program, product.ready.otlpHttp, product.ready.otlpGrpc]);
	expect(recorded.map(({ exporter }) => exporter)).toEqual([
		'http none',
		'http gzip',
		'http deflate',
		'grpc none',
		'grpc gzip',
	]);
	for (const each of recorded) await expectStored(product, each);
});

test.skipIf(!hasGo)('Go: over HTTP and gRPC, with every compression that its exporters have', async () => {
	const recorded = await runSender(goProgram(new URL('go', import.meta.url)), [
		hostOf(product.ready.otlpHttp),
		product.ready.otlpGrpc,
	]);
	expect(recorded.map(({ exporter }) => exporter)).toEqual(['http none', 'http gzip', 'grpc none', 'grpc gzip']);
	for (const each of recorded) await expectStored(product, each);
});
