/** What understands filters: fetched beside the first picture, which does not need it. */
export { readTerm, withTerm } from '../../schema/query-edit.ts';
export { filterSpans } from './span-filter.ts';
