import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { Certificate } from './certificate.ts';

/** Undefined where none is set. Throws an Error that names the file and what is wrong with it. */
export function openCertificate(config: Pick<Config, 'tlsCert' | 'tlsKey'>, log: Log): Certificate | undefined {
	const { tlsCert: certPath, tlsKey: keyPath } = config;
	return certPath === '' ? undefined : new Certificate({ certPath, keyPath, clock: Date.now, log });
}
