/** A condition over the columns of `spans`, and the values that it binds. User text is only ever in `parameters`. */
export interface CompiledQuery {
	where: string;
	parameters: Record<string, unknown>;
}
