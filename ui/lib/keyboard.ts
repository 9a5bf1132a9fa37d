import { KEY_BINDINGS } from './keys.ts';
import type { KeyAction, KeyBinding, KeyScope } from './keys.ts';

/** What a screen does on an action; `false` lets the key do what it does in the browser. */
export type KeyHandlers = Partial<Record<KeyAction, () => boolean | void>>;

/** The second key of `g s` has to come within this time. */
const SEQUENCE_MS = 1200;
const TYPING =
	'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], .cm-editor';
/** Enter and the arrows belong to a control that has the focus. */
const CONTROL =
	'a, button, summary, [role="tab"], [role="menuitem"], [role="option"], [role="slider"], [role="separator"]';

/** Brings key presses to the screen that is open, after the one table of keys. */
export class Keyboard {
	readonly #layers: { scope: KeyScope; handlers: KeyHandlers }[] = [];
	readonly #hasSingleKeys: () => boolean;
	#first = '';
	#firstAtMs = 0;

	constructor(options: { hasSingleKeys: () => boolean }) {
		this.#hasSingleKeys = options.hasSingleKeys;
	}

	/** The newest handlers of a scope come first. The answer takes them away: return it from an effect. */
	use(scope: KeyScope, handlers: KeyHandlers): () => void {
		const layer = { scope, handlers };
		this.#layers.unshift(layer);
		return () => {
			const index = this.#layers.indexOf(layer);
			if (index !== -1) this.#layers.splice(index, 1);
		};
	}

	handle(event: KeyboardEvent): void {
		if (isCommand(event)) return this.#handleCommand(event);
		if (isTaken(event) || (event.key !== 'Escape' && !this.#mayListen(event))) return;
		const key = pressed(event);
		const isSoon = event.timeStamp - this.#firstAtMs < SEQUENCE_MS;
		const isDone = (isSoon && this.#run(`${this.#first} ${key}`)) || this.#run(key);
		const isFirst = !isDone && startsSequence(key);
		this.#first = isFirst ? key : '';
		this.#firstAtMs = isFirst ? event.timeStamp : Number.NEGATIVE_INFINITY;
		if (isDone) event.preventDefault();
	}

	#handleCommand(event: KeyboardEvent): void {
		if (!hasModal() && this.#run(`Mod+${event.key.toLowerCase()}`)) event.preventDefault();
	}

	#mayListen(event: KeyboardEvent): boolean {
		const target = event.target instanceof Element ? event.target : document.body;
		if (target.closest(TYPING) !== null) return false;
		if (hasModal()) return false;
		if (event.key.length === 1 && event.key !== ' ') return this.#hasSingleKeys();
		// Space does nothing on a link.
		if (event.key === ' ') return target.closest(CONTROL)?.matches('a') !== false;
		return event.key !== 'Enter' || target.closest(CONTROL) === null;
	}

	#run(keys: string): boolean {
		for (const { scope, handlers } of this.#layers) {
			const binding = KEY_BINDINGS.find(
				(binding: KeyBinding) => binding.scope === scope && binding.keys.includes(keys),
			);
			const handler = binding === undefined ? undefined : handlers[binding.action];
			if (handler !== undefined && handler() !== false) return true;
		}
		return false;
	}
}

/** A dialog on top has the keyboard to itself. */
const hasModal = (): boolean => document.querySelector('dialog:modal, [popover]:popover-open') !== null;

/** Whether Apple's ⌘ stands where others have Ctrl. */
const isApple = /^(Mac|iP)/.test(navigator.platform);
/** The modifier of commands, as keyboards show it. */
export const commandKey: string = isApple ? '⌘' : 'Ctrl ';

/** The modifier of commands and one key: these work while one types, too. */
const isCommand = (event: KeyboardEvent): boolean =>
	(isApple ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) &&
	!event.altKey &&
	!event.shiftKey &&
	!event.defaultPrevented;

/** Keys with modifiers are the browser's; Shift makes other characters. */
const isTaken = (event: KeyboardEvent): boolean =>
	event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing;

/** Shift changes letters by itself; beside a star it is written out. */
const pressed = ({ key, shiftKey }: KeyboardEvent): string => (key === '*' && shiftKey ? 'Shift+*' : key);

const startsSequence = (key: string): boolean =>
	KEY_BINDINGS.some((binding: KeyBinding) => binding.keys.some((keys) => keys.startsWith(`${key} `)));
