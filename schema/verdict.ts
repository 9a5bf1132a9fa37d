/** What a change did to something: `unsure` until the numbers are enough to tell. */
export const VERDICTS = ['better', 'same', 'worse', 'unsure'] as const;
export type Verdict = (typeof VERDICTS)[number];
