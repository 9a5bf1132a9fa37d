import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Self-signed certificates for 127.0.0.1, made by the command that makes them everywhere. */
export function makeCertificate(name: string): { cert: Buffer; key: Buffer } {
	const folder = mkdtempSync(join(tmpdir(), 'spanhouse-certificate-'));
	const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
	try {
		const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '90'];
		const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
		execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', keyPath, '-out', certPath], {
			stdio: 'ignore',
		});
		chmodSync(keyPath, 0o600);
		return { cert: readFileSync(certPath), key: readFileSync(keyPath) };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Where there is no `openssl`, what needs it is skipped, and counted. */
export const hasOpenssl = ((): boolean => {
	try {
		execFileSync('openssl', ['version'], { stdio: 'ignore' });
		return true;
	} catch {
		return false;
	}
})();
