/** The time at which every screen is tried. */
export const NOW_MS: number = Date.UTC(2026, 10, 23, 12);
