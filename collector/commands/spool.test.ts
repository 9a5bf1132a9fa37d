import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ModelSink, poisonName } from '../../test/support/model-sink.ts';
import { spanBlock } from '../../test/support/span-block.ts';
import { silentLog } from '../log.ts';
import { spanBlockCodec } from '../spool/span-block-codec.ts';
import { Spool } from '../spool/spool.ts';
import { lockFolder } from '../store/engine/server-access.ts';
import { UsageError } from './command.ts';
import { spool as command } from './spool.ts';

const context = { packageRoot: '', version: '1.0.0', env: {} };

/** What it printed, and its exit code. */
async function run(...argv: string[]): Promise<{ code: number | undefined; out: string }> {
	let out = '';
	const write = (text: string | Uint8Array): boolean => {
		out += String(text);
		return true;
	};
	const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
	try {
		return { code: await command.run(argv, context), out };
	} finally {
		for (const spy of spies) spy.mockRestore();
	}
}

/** A data folder in whose spool a request of two spans was set aside. */
async function dataFolder(sink: ModelSink) {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-requeue-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	const open = () =>
		Spool.open({
			folder: join(folder, 'spool'),
			codec: spanBlockCodec,
			maxBytes: 1e8,
			sink: sink.connect(() => true),
			log: silentLog,
			lingerMs: 0,
		});
	const first = await open();
	const span = {
		traceId: 'a'.repeat(32),
		startUnixNano: 0n,
		endUnixNano: 1_800_000_000_000_000_000n,
		name: poisonName,
	};
	await first.append(spanBlock(['1', '2'].map((digit) => ({ ...span, spanId: digit.repeat(16) }))));
	expect(await first.drain(10_000)).toBe(true);
	await first.close();
	return { folder, open };
}

test('what was set aside is listed, and stored at the next start once it is requeued', async () => {
	const sink = new ModelSink();
	const { folder, open } = await dataFolder(sink);
	const quarantine = join(folder, 'spool/quarantine');
	writeFileSync(join(quarantine, '9-at-64.quarantine'), `{"segment":9,"spans":4,"reason":"odd\\u001b[2J"}\nnoise`);
	const listed = await run('list', '--data-dir', folder);
	expect(listed).toEqual({
		code: 0,
		out: [
			'spool/quarantine/1-1.quarantine  2 spans: this span is poison',
			'spool/quarantine/9-at-64.quarantine  4 spans: odd [2J (stays at a requeue)',
			'spool: 2 records set aside',
			'log-spool: 0 records set aside',
			'',
		].join('\n'),
	});
	expect(await run('requeue', '--data-dir', folder)).toEqual({
		code: 0,
		out: 'spool: 1 record with 2 spans requeued, 1 left\nlog-spool: 0 records with 0 log records requeued, 0 left\n',
	});
	expect(readdirSync(quarantine)).toEqual(['9-at-64.quarantine']);
	sink.takesPoison = true;
	const spool = await open();
	expect(await spool.drain(10_000)).toBe(true);
	expect(sink.spanIds().sort()).toEqual(['1111111111111111', '2222222222222222']);
	expect(spool.state().quarantine).toMatchObject({ records: 1, spans: 4 });
	await spool.close();
});

test('a folder that a collector uses is left alone', async () => {
	const { folder } = await dataFolder(new ModelSink());
	const lock = lockFolder(folder);
	const refused = { code: 1, out: expect.stringContaining('another Spanhouse uses the data folder') };
	expect(await run('requeue', '--data-dir', folder)).toEqual(refused);
	expect(await run('list', '--data-dir', folder)).toEqual(refused);
	lock.release();
	expect(readdirSync(join(folder, 'spool/quarantine'))).toHaveLength(1);
});

test('what it does not know is refused with what it does', async () => {
	await expect(run('erase')).rejects.toThrow(UsageError);
	await expect(run()).rejects.toThrow('spool wants one of list, requeue; found ""');
});
