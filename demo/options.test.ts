import { expect, test } from 'vitest';
import { parseOptions } from './options.ts';

test('without flags the demo runs five minutes against the Spanhouse of this machine', () => {
	expect(parseOptions([], {})).toEqual({
		kind: 'run',
		options: {
			ratePerSecond: 20,
			minutes: 5,
			endpoint: 'http://127.0.0.1:4318',
			uiUrl: 'http://127.0.0.1:4319',
			seed: 1,
		},
	});
});

test('a flag wins over its variable', () => {
	const env = { SPANHOUSE_DEMO_RATE: '3', SPANHOUSE_DEMO_MINUTES: '0.5', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1/' };
	expect(parseOptions(['--rate', '7'], env)).toMatchObject({
		options: { ratePerSecond: 7, minutes: 0.5, endpoint: 'http://a:1', uiUrl: 'http://a:4319' },
	});
});

test('all that is wrong is said together, with what is needed', () => {
	const parsed = parseOptions(['--rate', 'fast', '--minutes=0', '--endpoint', 'localhost:4318', '--seed', '1.5'], {});
	expect(parsed).toEqual({
		kind: 'refused',
		problems: [
			expect.stringContaining('"localhost:4318"; an address such as http://127.0.0.1:4318'),
			expect.stringContaining('"fast"; a number from 0.1 to 500'),
			expect.stringContaining('"0"; a number from 0.1 to 1440'),
			expect.stringContaining('"1.5"; a whole number'),
		],
	});
});

test('an unknown flag is refused, and --help is answered whatever else stands there', () => {
	expect(parseOptions(['--speed', '3'], {})).toMatchObject({ kind: 'refused' });
	expect(parseOptions(['--help', '--rate', 'x'], {})).toEqual({ kind: 'help' });
});
