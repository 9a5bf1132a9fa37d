import { withTerm } from './query-edit.ts';

/** Of attributes the search knows their old names, of those of events it doesn't. */
const VARIANTS = { '': ['result.variant', 'result.value'], 'event.': ['result.variant', 'variant', 'result.value'] };

/** Finds the spans of a service that were given a variant of a feature flag, as an attribute or as an event says it. */
export function flagQuery(service: string, flag: string, variant: string): string {
	const term = (key: string, value: string): string => withTerm('', key, ':', value);
	const said = (scope: keyof typeof VARIANTS): string => {
		const variants = VARIANTS[scope].map((name) => term(`${scope}feature_flag.${name}`, variant));
		return `(${term(`${scope}feature_flag.key`, flag)} (${variants.join(' OR ')}))`;
	};
	return `${term('service', service)} (${said('')} OR ${said('event.')})`;
}
