/** The query editor: CodeMirror on one line, with what the search language knows. Loaded when it is first needed. */
import { autocompletion, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import type { Completion, CompletionContext as Asked, CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { linter } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { EditorSelection, EditorState, Prec } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { completionContext } from './completion-context.ts';
import { editorTheme } from './editor-theme.ts';
import { queryProblems } from './query-problems.ts';
import type { QueryProblem } from './query-problems.ts';
import type { QueryHelp } from './query-help.ts';
import type { Suggestion } from './suggestions.ts';

export interface EditorOptions {
	parent: HTMLElement;
	text: string;
	label: string;
	/** Shown while nothing is typed. */
	hint: string;
	onInput: (text: string) => void;
	onRun: (text: string) => void;
	/** True when what was pasted is dealt with. */
	onPaste: (pasted: string) => boolean;
	help: QueryHelp;
	/** Of the element that is typed into. */
	attributes?: Readonly<Record<string, string>>;
}

export interface Editor {
	setText(text: string): void;
	focus(selection?: 'all' | number): void;
	destroy(): void;
}

const MAX_LENGTH = 4096;
const TYPING_DELAY_MS = 150;

export function createEditor(options: EditorOptions): Editor {
	const view = new EditorView({
		parent: options.parent,
		state: EditorState.create({
			doc: oneLine(options.text),
			selection: EditorSelection.cursor(oneLine(options.text).length),
			extensions: extensionsOf(options),
		}),
	});
	return {
		setText(text) {
			const current = view.state.doc.toString();
			if (oneLine(text) !== current) view.dispatch({ changes: { from: 0, to: current.length, insert: oneLine(text) } });
		},
		focus(selection) {
			view.focus();
			const end = view.state.doc.length;
			if (selection === 'all') view.dispatch({ selection: EditorSelection.range(0, end) });
			else if (selection !== undefined) view.dispatch({ selection: EditorSelection.cursor(Math.min(end, selection)) });
		},
		destroy: () => view.destroy(),
	};
}

/** The server gives each page one, for the styles that CodeMirror adds: the content security policy lets no others in. */
const styleNonce = (): string | undefined =>
	document.querySelector<HTMLMetaElement>('meta[name="spanhouse-style-nonce"]')?.nonce;

const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ');

function extensionsOf(options: EditorOptions): Extension[] {
	const { onInput, onRun, onPaste, label, hint, help, attributes = {} } = options;
	const nonce = styleNonce();
	const run = (view: EditorView): boolean => {
		onRun(view.state.doc.toString());
		return true;
	};
	return [
		...(nonce === undefined ? [] : [EditorView.cspNonce.of(nonce)]),
		editorTheme,
		history(),
		placeholder(hint),
		autocompletion({
			override: [(asked) => complete(asked, help)],
			activateOnTypingDelay: TYPING_DELAY_MS,
			icons: false,
			maxRenderedOptions: 60,
		}),
		linter(async (view) => (await problemsOf(view, help)).map(toDiagnostic), { delay: 400 }),
		Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
		keymap.of([
			...completionKeymap,
			{ key: 'Enter', run },
			{ key: 'ArrowDown', run: startCompletion },
			{ key: 'Escape', run: (view) => (view.contentDOM.blur(), true) },
			...historyKeymap,
			...defaultKeymap,
		]),
		// A query is one line, and as long as the API takes.
		EditorState.transactionFilter.of((change) =>
			change.newDoc.lines > 1 || change.newDoc.length > MAX_LENGTH ? [] : change,
		),
		EditorView.clipboardInputFilter.of(oneLine),
		EditorView.domEventHandlers({
			paste: (event) => {
				const isDone = onPaste(event.clipboardData?.getData('text') ?? '');
				if (isDone) event.preventDefault();
				return isDone;
			},
		}),
		EditorView.updateListener.of((update) => {
			if (update.docChanged) onInput(update.state.doc.toString());
		}),
		EditorView.contentAttributes.of({
			role: 'searchbox',
			// Keys reach it without; what scrolls it sideways has to say so.
			tabindex: '0',
			'aria-label': label,
			'aria-multiline': 'false',
			'aria-autocomplete': 'list',
			autocapitalize: 'off',
			autocorrect: 'off',
			spellcheck: 'false',
			enterkeyhint: 'search',
			...attributes,
		}),
	];
}

async function complete(asked: Asked, { suggest, recent }: QueryHelp): Promise<CompletionResult | null> {
	const text = asked.state.doc.toString();
	const context = completionContext(text, asked.pos);
	if (context === undefined) return null;
	// Nothing typed: offered when asked for, or right after an operator.
	if (context.typed === '' && context.kind === 'key' && !asked.explicit) return null;
	const stop = new AbortController();
	asked.addEventListener('abort', () => stop.abort());
	let suggestions: Suggestion[];
	try {
		suggestions = await suggest(context, stop.signal);
	} catch {
		// Completion is a help: the query can be typed without it.
		return null;
	}
	const earlier =
		text.trim() === ''
			? recent().map((query): Suggestion => ({ label: query, text: query, detail: 'recent', kind: 'recent' }))
			: [];
	const offered = [...earlier, ...suggestions];
	if (asked.aborted || offered.length === 0) return null;
	return { from: context.from, to: asked.pos, filter: false, options: offered.map(toCompletion) };
}

const toCompletion = ({ label, text, detail, kind }: Suggestion): Completion => ({
	label: label.length > 120 ? `${label.slice(0, 119)}…` : label,
	detail,
	type: kind,
	apply: (view, _, from, to) => {
		if (kind === 'note') return;
		const insert = kind === 'value' ? `${text} ` : text;
		view.dispatch({
			changes: { from, to, insert },
			selection: { anchor: from + insert.length },
			userEvent: 'input.complete',
		});
		if (kind === 'key') startCompletion(view);
	},
});

async function problemsOf(view: EditorView, { knownKeys }: QueryHelp): Promise<QueryProblem[]> {
	const known = await knownKeys().catch(() => undefined);
	const text = view.state.doc.toString();
	const problems = queryProblems(text, known);
	// What is still being typed is not wrong yet.
	const caret = view.hasFocus ? view.state.selection.main.head : -1;
	return problems.filter((problem) => problem.severity === 'error' || problem.to !== caret);
}

const toDiagnostic = ({ from, to, severity, message, mend }: QueryProblem): Diagnostic => ({
	from,
	to,
	severity,
	message,
	actions:
		mend === undefined
			? []
			: [
					{
						name: `Use ${mend.label.length > 60 ? `${mend.label.slice(0, 59)}…` : mend.label}`,
						apply: (view) => view.dispatch({ changes: { from: mend.from, to: mend.to, insert: mend.text } }),
					},
				],
});
