import { msOfNano } from '../lib/unix-nano.ts';
import { fillLink } from '../../schema/link.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
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

/** What is declared of where a service's source can be read. */
type DeclaredSource = Pick<DocumentOf<'Service'>['spec'], 'sourceUrl' | 'sourceRoot'>;

/** Where the code of a span stands, by the semantic conventions of today and before. */
export const sourceAddress = (source: DeclaredSource | undefined, detail: SpanDetail): string | undefined =>
	sourceHref(source, revisionOf(detail), first(detail.attributes, FILE_KEYS), first(detail.attributes, LINE_KEYS));

/** What a span's process was built from. */
export const revisionOf = ({ resource, version }: Pick<SpanDetail, 'resource' | 'version'>): string =>
	first(resource.attributes, ['vcs.ref.head.revision']) ?? version;

/** A line of a service's source; undefined where that is not declared, or the file lies elsewhere or in no folder that is known. */
export function sourceHref(
	source: DeclaredSource | undefined,
	revision: string | undefined,
	file: string | undefined,
	line: string | number | undefined,
): string | undefined {
	if (source?.sourceUrl === undefined || file === undefined) return undefined;
	const path = pathBelow(source.sourceRoot ?? '', file.replace(/^file:\/\/(?=\/)/, '').replaceAll('\\', '/'));
	return path === undefined ? undefined : fillLink(source.sourceUrl, { revision, path, line });
}

/** Java and others say the name of a file alone, from which nobody finds it. */
function pathBelow(root: string, path: string): string | undefined {
	const folder = root.replaceAll('\\', '/').replace(/\/+$/, '');
	const isAbsolute = /^(?:\/|[A-Za-z]:\/)/.test(path);
	if (folder !== '' && isAbsolute) return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
	return path.includes('/') && !path.includes('://') ? path : undefined;
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
