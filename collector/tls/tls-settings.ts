import { oneOf, text } from '../settings.ts';
import type { Setting } from '../settings.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** TLS of our own, for where no proxy has it. */
export const TLS_SETTINGS = {
	tlsCert: setting({
		variable: 'SPANHOUSE_TLS_CERT',
		flag: 'tls-cert',
		default: '',
		help: 'file with the certificate and its chain (PEM): TLS for screen, API and OTLP; read again when it changes',
		read: text,
	}),
	tlsKey: setting({
		variable: 'SPANHOUSE_TLS_KEY',
		flag: 'tls-key',
		default: '',
		help: 'file with its private key (PEM)',
		read: text,
	}),
	ingestTls: setting({
		variable: 'SPANHOUSE_INGEST_TLS',
		flag: 'ingest-tls',
		default: 'auto',
		help: 'off: no TLS on the OTLP listeners; auto: as the screen',
		read: oneOf(['auto', 'off']),
	}),
} as const;

/** What contradicts itself, one line each. */
export function checkTls({
	tlsCert,
	tlsKey,
	ingestTls,
}: {
	tlsCert: string;
	tlsKey: string;
	ingestTls: string;
}): string[] {
	if (tlsCert !== '' && tlsKey === '') return ['SPANHOUSE_TLS_CERT needs SPANHOUSE_TLS_KEY beside it'];
	if (tlsKey !== '' && tlsCert === '') return ['SPANHOUSE_TLS_KEY needs SPANHOUSE_TLS_CERT beside it'];
	if (ingestTls === 'off' && tlsCert === '') return ['SPANHOUSE_INGEST_TLS has no effect without SPANHOUSE_TLS_CERT'];
	return [];
}
