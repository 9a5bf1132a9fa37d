import { msOfNano } from '../lib/unix-nano.ts';
import { fillLink } from '../../schema/link.ts';
import type { LinkValues } from '../../schema/link.ts';
import type { KeyValue, SpanDetail } from '../../schema/api.ts';
import { showValue, textOf } from './any-value.ts';

/** What links on a span may name; its own attributes win over those of its resource. */
export function spanLinkValues(detail: SpanDetail, traceId: string): LinkValues {
	const { spanId, service, namespace, operation, environment, version, startUnixNano, endUnixNano } = detail;
	const attributes = Object.fromEntries(
		[...detail.resource.attributes, ...detail.attributes].map(({ key, value }) => [
			`attr.${key}`,
			showValue(value).text,
		]),
	);
	return {
		...attributes,
		traceId,
		spanId,
		service: namespace === '' ? service : `${namespace}/${service}`,
		operation,
		environment,
		version,
		fromMs: msOfNano(startUnixNano),
		toMs: msOfNano(endUnixNano) + 1,
	};
}

const first = (attributes: readonly KeyValue[], names: readonly string[]): string | undefined =>
	names.map((name) => textOf(attributes, name)).find((text) => text !== undefined && text !== '');

const FILE_KEYS = ['code.file.path', 'code.filepath'];
const LINE_KEYS = ['code.line.number', 'code.lineno'];

/** Where the code of a span stands, by the semantic conventions of today and before. */
export function sourceAddress(template: string | undefined, detail: SpanDetail): string | undefined {
	if (template === undefined) return undefined;
	return fillLink(template, {
		revision: first(detail.resource.attributes, ['vcs.ref.head.revision']) ?? detail.version,
		path: first(detail.attributes, FILE_KEYS),
		line: first(detail.attributes, LINE_KEYS),
	});
}

const OWN_MACHINE = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** An absolute path on a disk; `//host` and `\\host` would have the editor call a stranger's machine. */
const ON_DISK = /^(?:\/(?![/\\])|[A-Za-z]:[\\/](?![\\/]))[^\p{Cc}\p{Cs}]*$/u;

/** Opens the code of a span in the editor. */
export const editorAddress = (detail: Pick<SpanDetail, 'attributes'>, hostname: string): string | undefined =>
	editorHref(first(detail.attributes, FILE_KEYS) ?? '', first(detail.attributes, LINE_KEYS) ?? '', hostname);

/** Opens a file in the editor, by VS Code's address, where screen and code are on one machine. */
export function editorHref(path: string, line: string, hostname: string): string | undefined {
	if (!OWN_MACHINE.test(hostname) || !ON_DISK.test(path)) return undefined;
	const parts = path.replaceAll('\\', '/').replace(/^\//, '').split('/').map(encodeURIComponent);
	return `vscode://file/${parts.join('/').replace('%3A', ':')}${/^\d{1,9}$/.test(line) ? `:${line}` : ''}`;
}
