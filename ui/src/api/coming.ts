/* coming.ts - doors that screens are ready for and the program's document does not have yet. A row
 * that lands there with the same path and another shape breaks the build here: then it goes. */
export interface coming {
	'/api/audit/{id}/proof': {
		get: {
			parameters: { path: { id: string } };
			responses: { 200: { content: { 'application/json': { leaf: string; index: number; size: number; path: string[]; root: string } } } };
		};
	};
}
