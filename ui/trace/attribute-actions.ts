import type { KeyValue } from '../../schema/api.ts';
import type { AttributeScope } from '../../schema/query-syntax.ts';

/** What can be done with an attribute beside copying it; an action that is not there is not offered. */
export interface AttributeActions {
	/** Address of the search for the same attribute in all traces. */
	similarHref?: (scope: AttributeScope, attribute: KeyValue) => string | undefined;
	/** Shows only spans of this trace that have it, or only those that don't. */
	filter?: (scope: AttributeScope, attribute: KeyValue, isOut: boolean) => void;
	groupBy?: (key: string) => void;
	/** Keys that stand first. */
	pins?: { isPinned: (key: string) => boolean; toggle: (key: string) => void };
}
