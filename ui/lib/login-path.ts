/** The screen that needs no login, and has nothing around it. */
export const LOGIN_PATH = '/login';
