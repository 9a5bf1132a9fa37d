import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { TimeWindow } from '../../../schema/api.ts';
import { ProblemError } from '../../problem.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { Page, WindowScope } from '../reader-types.ts';

/**
 * Where a page ended. The window is the first page's: `now` moves on between pages, and the rest must still join. What was
 * asked is in it as a hash, so that a cursor of another question is refused instead of answered wrongly.
 */
const cursorSchema = z.strictObject({
	asked: z.string().regex(/^[0-9a-f]{16}$/),
	fromMs: z.int(),
	toMs: z.int(),
	/** Value that the page is sorted by, of its last row; whole numbers as text, since they exceed 2^53. */
	key: z.string().regex(/^\d{1,20}$/),
	/** Of the last row, decides between equal values: trace id, or trace id, span id and a number. */
	id: z.string().regex(/^[0-9a-f]{32}(\.[0-9a-f]{16}\.\d{1,20})?$/),
});
type Cursor = z.infer<typeof cursorSchema>;

export class CursorError extends ProblemError {
	override readonly name = 'CursorError';

	constructor(detail: string) {
		super(400, 'BAD_CURSOR', detail, { expected: 'a nextCursor of the same search' });
	}
}

/** A page of a search: from where on, in which window. */
export interface PageStart {
	window: TimeWindow;
	after: { key: string; id: string } | undefined;
	/** Makes the cursor of the page after a row. */
	cursorAfter(key: string, id: string): string;
}

/** @param what tells apart searches for traces and for spans */
export function startOfPage(what: string, scope: WindowScope, query: CompiledQuery, page: Page): PageStart {
	const asked = hashOf([what, scope.project, scope.environment ?? null, page.sort, query.where, query.parameters]);
	const cursor = page.cursor === undefined ? undefined : parseCursor(page.cursor);
	if (cursor !== undefined && cursor.asked !== asked) throw new CursorError('the cursor belongs to another search');
	const window = cursor === undefined ? scope.window : { fromMs: cursor.fromMs, toMs: cursor.toMs };
	return {
		window,
		after: cursor === undefined ? undefined : { key: cursor.key, id: cursor.id },
		cursorAfter: (key, id) => printCursor({ asked, ...window, key, id }),
	};
}

const printCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

function parseCursor(text: string): Cursor {
	let json: unknown;
	try {
		json = JSON.parse(Buffer.from(text, 'base64url').toString());
	} catch {
		throw new CursorError('the cursor is damaged');
	}
	const parsed = cursorSchema.safeParse(json);
	if (!parsed.success) throw new CursorError('the cursor is damaged');
	return parsed.data;
}

const hashOf = (asked: unknown): string =>
	createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
