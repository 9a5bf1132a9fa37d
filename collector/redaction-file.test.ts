import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDecodePool } from '../test/support/decode-pool.ts';
import { viewSpans } from '../test/support/span-block-view.ts';
import { readConfig } from './config.ts';
import { redactorOf, USUAL_REDACTION } from './pipeline/redaction-settings.ts';
import { readRedactionFile } from './redaction-file.ts';
import { openSpanBlock } from './spool/span-block-codec.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanhouse-redaction-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(content: unknown): string {
	const path = join(folder, 'redaction.json');
	writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
	return path;
}

const settings = {
	attributes: ['app.pin'],
	queryKeys: ['coupon'],
	creditCards: true,
	rules: [{ name: 'badge', contains: ['BADGE-'], pattern: '(BADGE-)\\d+' }],
};

test('what the file says is redacted besides the usual', () => {
	const redactor = redactorOf(readRedactionFile(fileOf(settings)));
	expect(redactor.redact('app.pin', '1234')).toEqual({ value: 'REDACTED', rule: 'attribute' });
	expect(redactor.redact('url.query', 'coupon=a&x=1')?.value).toBe('coupon=REDACTED&x=1');
	expect(redactor.redact('note', 'paid with 4111 1111 1111 1111')?.rule).toBe('credit-card');
	expect(redactor.redact('note', 'door BADGE-77')).toEqual({ value: 'door BADGE-REDACTED', rule: 'badge' });
	expect(redactor.redact('password', 'x')?.value).toBe('REDACTED');
});

test('without a file all is as usual', () => {
	expect(readRedactionFile('')).toBe(USUAL_REDACTION);
	expect(redactorOf(USUAL_REDACTION).redact('app.pin', '1234')).toBeUndefined();
	expect(readConfig([], {}).redaction).toBe(USUAL_REDACTION);
});

test('all that is wrong with the file is said at once, and beside the other problems of the settings', () => {
	const wrong = {
		attributes: [''],
		rules: [
			{ name: 'a', contains: ['x'], pattern: '(' },
			{ name: 'b', contains: ['xx'], pattern: 'x*' },
			{ name: 'c', contains: [], pattern: 'y', flags: 'i' },
		],
		unknown: 1,
	};
	const read = () => readConfig(['--redaction-file', fileOf(wrong), '--ui-port', 'x'], {});
	for (const problem of [
		'attributes[0]',
		'rules[0].contains[0]: two or more ASCII characters expected',
		'rules[0].pattern: Invalid regular expression',
		'rules[1].pattern: a pattern that does not match the empty text expected',
		'rules[2].contains',
		'"flags"',
		'"unknown"',
		'--ui-port is "x"',
	]) {
		expect(read).toThrow(problem);
	}
	expect(() => readRedactionFile(fileOf('{'))).toThrow('a file of JSON');
	expect(() => readRedactionFile(join(folder, 'missing.json'))).toThrow('no such file');
	const many = { rules: Array.from({ length: 17 }, () => settings.rules[0]) };
	expect(() => readRedactionFile(fileOf(many))).toThrow('rules');
});

test('the rules hold in the threads that decode large bodies too', async () => {
	const pool = openDecodePool({ redaction: readRedactionFile(fileOf(settings)) });
	const spans = (count: number) =>
		Array.from({ length: count }, () => ({
			traceId: '1'.repeat(32),
			spanId: '1'.repeat(16),
			attributes: [{ key: 'note', value: { stringValue: 'door BADGE-77' } }],
		}));
	const context = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 1 };
	for (const count of [1, 500]) {
		const body = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans(count) }] }] }));
		const { block, report } = await pool.decode(new Uint8Array(body), 'json', context);
		expect(viewSpans(openSpanBlock(block.frame)).at(-1)!.attributes).toEqual({ note: 'sdoor BADGE-REDACTED' });
		expect(report.redactions).toEqual([{ key: 'note', rule: 'badge', count }]);
	}
	await pool.close();
});
