import { randomUUID } from 'node:crypto';
import type { ExecParams } from '@clickhouse/client';

/** Of all parameters in an address, encoded. Proxies take lines of 8 KiB, nginx for one, and some things are bound beside them. */
const mostInAddress = 4_096;
/** Of a field of a form, a query too: `http_max_field_value_size` of ClickHouse. A body that is a query may be longer. */
const mostInField = 131_072;

const escapes: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (text: string): string => text.replace(/[\\'\t\n\r]/g, (char) => escapes[char] ?? `\\${char}`);

type Bound = string | number | bigint | boolean | null | undefined | readonly Bound[];

/** As ClickHouse reads the field `param_<name>`: escaped as in its tab-separated format, and quoted within arrays. */
function written(value: Bound, isNested = false): string {
	if (value === null || value === undefined) return isNested ? 'NULL' : '\\N';
	if (typeof value === 'object') return `[${value.map((each) => written(each, true)).join(',')}]`;
	const text = escaped(String(value));
	return isNested && typeof value === 'string' ? `'${text}'` : text;
}

/**
 * A query whose parameters are too long for an address with them in its body, a form of several parts. The client does that for
 * its `query` alone, which knows no format of columns; `FormData` would change the line feeds of what is asked.
 */
export function withoutLongAddress(query: ExecParams): ExecParams {
	const { query_params: bound = {}, ...others } = query;
	const fields = Object.entries(bound).map(([name, value]): [string, string] => [
		`param_${name}`,
		written(value as Bound),
	]);
	const length = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
	if (length <= mostInAddress && new URLSearchParams(fields).toString().length <= mostInAddress) return query;
	if (Buffer.byteLength(query.query) >= mostInField) return query;
	const boundary = randomUUID();
	const parts = [['query', query.query], ...fields].map(
		([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
	);
	return {
		...others,
		query: `${parts.join('')}--${boundary}--`,
		http_headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
	};
}
