import { choiceParameter, flagParameter, integerParameter } from '../lib/query-state.ts';

const at = integerParameter(0, 8.64e15);

export const compareQuery = {
	/** Where the server looks for the two traces first. */
	ata: at,
	atb: at,
	v: choiceParameter(['spans', 'operations'], 'spans'),
	/** Hides what is the same in both. */
	only: flagParameter(),
};
