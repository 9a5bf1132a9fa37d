import { QueryError } from './store-error.ts';

/** What ClickHouse says when the bytes themselves are wrong: they will be wrong next time too. */
const poisonCodes: Record<string, string> = {
	'27': 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
	'117': 'INCORRECT_DATA',
	'128': 'TOO_LARGE_ARRAY_SIZE',
	'131': 'TOO_LARGE_STRING_SIZE',
};

/** Whether rows were refused that will never be taken. 252 means both "too many parts", which passes, and "too many partitions", which doesn't. */
export function isPoison(error: unknown): boolean {
	if (!(error instanceof QueryError) || error.engineCode === undefined) return false;
	return error.engineCode in poisonCodes || (error.engineCode === '252' && error.message.includes('partitions'));
}
