import { fillLink } from '../../schema/link.ts';
import type { LinkValues } from '../../schema/link.ts';
import type { KeyValue, SpanDetail } from '../../schema/api.ts';
import { showValue, textOf } from './any-value.ts';

const msOf = (unixNano: string): number => Number(BigInt(unixNano) / 1_000_000n);

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
		fromMs: msOf(startUnixNano),
		toMs: msOf(endUnixNano) + 1,
	};
}

const first = (attributes: readonly KeyValue[], names: readonly string[]): string | undefined =>
	names.map((name) => textOf(attributes, name)).find((text) => text !== undefined && text !== '');

/** Where the code of a span stands, by the semantic conventions of today and before. */
export function sourceAddress(template: string | undefined, detail: SpanDetail): string | undefined {
	if (template === undefined) return undefined;
	return fillLink(template, {
		revision: first(detail.resource.attributes, ['vcs.ref.head.revision']) ?? detail.version,
		path: first(detail.attributes, ['code.file.path', 'code.filepath']),
		line: first(detail.attributes, ['code.line.number', 'code.lineno']),
	});
}
