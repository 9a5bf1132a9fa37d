/** A real ZooKeeper, from Maven's repository: needs the network, Java and Maven. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../collector/store/engine/embedded-server.ts';
import { until } from '../../support/product.ts';

const isThere = (program: string): boolean => {
	try {
		execFileSync(program, ['-version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
};
export const hasJava = isThere('java') && isThere('mvn');
if (!hasJava) process.stderr.write('skipped: there is no Java with Maven here, so no ZooKeeper\n');

export interface ZooKeeper extends AsyncDisposable {
	/** `HOST:PORT` */
	address: string;
}

export async function startZooKeeper(): Promise<ZooKeeper> {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-zookeeper-'));
	copyFileSync(fileURLToPath(new URL('pom.xml', import.meta.url)), join(folder, 'pom.xml'));
	execFileSync('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'], { cwd: folder });
	const port = await freePort();
	const settings = [
		'tickTime=500',
		`dataDir=${folder}/data`,
		`clientPort=${port}`,
		'clientPortAddress=127.0.0.1',
		'admin.enableServer=false',
	];
	writeFileSync(join(folder, 'zoo.cfg'), settings.join('\n'));
	const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
	const child = spawn('java', ['-cp', 'lib/*', main, 'zoo.cfg'], { cwd: folder, stdio: 'ignore' });
	await until(async () => (await answers(port)) || undefined, 'ZooKeeper', 60_000);
	return {
		address: `127.0.0.1:${port}`,
		async [Symbol.asyncDispose]() {
			const gone = once(child, 'exit');
			child.kill('SIGKILL');
			await gone;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** Its four-letter command `srvr` is answered once it serves. */
function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => socket.write('srvr'));
		socket.setTimeout(5_000, () => socket.destroy());
		let text = '';
		socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
		socket.once('error', () => socket.destroy());
		socket.once('close', () => resolve(text.includes('Mode:')));
	});
}
