import { messageOf } from '../../problem.ts';
import { MemoryError, PoisonError, PressureError } from '../../spool/batch-sink.ts';
import { QueryError } from '../engine/store-error.ts';

/** What ClickHouse says when the bytes themselves are wrong: they will be wrong next time too. */
const poisonCodes: Record<string, string> = {
	'27': 'CANNOT_PARSE_INPUT_ASSERTION_FAILED',
	'117': 'INCORRECT_DATA',
	'128': 'TOO_LARGE_ARRAY_SIZE',
	'131': 'TOO_LARGE_STRING_SIZE',
};

/** MEMORY_LIMIT_EXCEEDED: of the query or of the whole server. */
const memoryCode = '241';
/** TOO_MANY_PARTS. It means both "too many parts", which passes, and "too many partitions", which doesn't. */
const partsCode = '252';

/** What the failure of an insert means for who sent it. */
export function refusalOf(error: unknown): unknown {
	if (!(error instanceof QueryError) || error.engineCode === undefined) return error;
	const { engineCode, message } = error;
	const isPoison = engineCode in poisonCodes || (engineCode === partsCode && message.includes('partitions'));
	if (isPoison) return new PoisonError(messageOf(error), { cause: error });
	if (engineCode === memoryCode) return new MemoryError(message, { cause: error });
	return engineCode === partsCode ? new PressureError(message, { cause: error }) : error;
}
