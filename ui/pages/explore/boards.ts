import { MOST_CHARTS, readBoard, writeBoard } from './board.ts';
import type { Api } from '../../lib/api.ts';
import type { View, ViewsAnswer } from '../../../schema/api-views.ts';
import type { BoardChart } from './board.ts';

export const BOARD_KIND = 'board';
export const BOARDS_KEY = ['/views', BOARD_KIND];

export const readBoards = async (api: Api, signal: AbortSignal): Promise<View[]> =>
	(await api.get<ViewsAnswer>('/views', { kind: BOARD_KIND }, signal)).views;

/** Changes the version that was read; a board that somebody has changed meanwhile is refused by the server with 412. */
export async function saveBoard(
	api: Api,
	name: string,
	charts: readonly BoardChart[],
	known: View | undefined,
): Promise<View> {
	const headers: Record<string, string> =
		known === undefined ? { 'if-none-match': '*' } : { 'if-match': `"${known.version}"` };
	const json = {
		search: writeBoard(charts),
		...(known?.description === undefined ? {} : { description: known.description }),
	};
	const answer = await api.request(`/views/${BOARD_KIND}/${encodeURIComponent(name)}`, {
		method: 'PUT',
		json,
		headers,
	});
	const view: View = await answer.json();
	return view;
}

/** As the last chart, once however often it is added; throws with a reason when the board is full. */
export function withChart(board: View | undefined, chart: BoardChart): BoardChart[] {
	const charts = board === undefined ? [] : readBoard(board.search);
	if (charts.some(({ search }) => search === chart.search)) return charts;
	if (charts.length >= MOST_CHARTS) throw new Error(`a board holds ${MOST_CHARTS} charts`);
	return [...charts, chart];
}

export const boardPath = (name: string): string => `/explore/board/${encodeURIComponent(name)}`;
