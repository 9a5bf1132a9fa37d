import type { BlockResource, TaggedValue } from '../../schema/span-block.ts';
import { RESOURCE_SOURCES } from '../../schema/semantic-conventions.ts';

type ResourceFacts = Pick<BlockResource, 'service' | 'namespace' | 'version' | 'instance' | 'environment'>;

/** The value as a text to group by: what follows the type. Arrays, maps and empty values are no names. */
const plainText = (value: TaggedValue | undefined): string =>
	value === undefined || value.startsWith('j') ? '' : value.slice(1);

/** Who sent the spans: the first of each fact's attributes that is not empty. */
export function resourceFacts(attributes: readonly [key: string, value: TaggedValue][]): ResourceFacts {
	const values = new Map(attributes);
	const first = (sources: readonly string[]): string => {
		for (const source of sources) {
			const text = plainText(values.get(source));
			if (text !== '') return text;
		}
		return '';
	};
	return {
		// A resource without a name still has spans that somebody looks for.
		service: first(RESOURCE_SOURCES.service) || 'unknown_service',
		namespace: first(RESOURCE_SOURCES.namespace),
		version: first(RESOURCE_SOURCES.version),
		instance: first(RESOURCE_SOURCES.instance),
		environment: first(RESOURCE_SOURCES.environment),
	};
}
