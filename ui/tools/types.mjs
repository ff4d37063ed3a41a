// types.mjs [--check]: src/api/types.ts and src/api/limits.ts from docs/openapi.json, the
// document that the program itself prints (`plantao openapi`). With --check nothing is
// written and a difference fails, so that a changed row breaks the build and not the user.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapi, { astToString } from 'openapi-typescript';

const at = (p) => fileURLToPath(new URL(p, import.meta.url));
const source = at('../../docs/openapi.json');
const head = '/* Made by tools/types.mjs from docs/openapi.json: change the rows, not this file. */\n';

if (!existsSync(source)) {
	console.log('types: docs/openapi.json is not there yet, the hand-written types stand');
	process.exit(0);
}
const document = JSON.parse(readFileSync(source, 'utf8'));

// Limits of every body, so that forms know what the server will refuse.
function resolve(s) {
	return s?.$ref ? document.components.schemas[s.$ref.split('/').pop()] : s;
}
function limitsOf(schema) {
	const s = resolve(schema) ?? {};
	const out = {};
	for (const [name, raw] of Object.entries(s.properties ?? {})) {
		const p = resolve(raw);
		const l = {};
		if (s.required?.includes(name)) l.required = true;
		for (const k of ['minLength', 'maxLength', 'minimum', 'maximum', 'enum', 'maxItems']) if (p[k] !== undefined) l[k] = p[k];
		out[name] = l;
	}
	return out;
}
const limits = {};
for (const [path, item] of Object.entries(document.paths))
	for (const [method, op] of Object.entries(item)) {
		const body = op?.requestBody?.content?.['application/json']?.schema;
		if (body) limits[`${method.toUpperCase()} ${path}`] = limitsOf(body);
	}
const limitsText =
	head +
	`export interface Limit {\n\trequired?: boolean;\n\tminLength?: number;\n\tmaxLength?: number;\n\tminimum?: number;\n\tmaximum?: number;\n\tenum?: string[];\n\tmaxItems?: number;\n}\n` +
	`export const limits: Record<string, Record<string, Limit>> = ${JSON.stringify(limits, null, '\t')};\n`;
const typesText = head + astToString(await openapi(document, { alphabetize: true }));

let bad = false;
for (const [file, text] of [['../src/api/types.ts', typesText], ['../src/api/limits.ts', limitsText]]) {
	const now = existsSync(at(file)) ? readFileSync(at(file), 'utf8') : '';
	if (now === text) continue;
	if (process.argv.includes('--check')) {
		console.error(`types: ui/${file.slice(3)} differs from docs/openapi.json; run: npm run types`);
		bad = true;
	} else writeFileSync(at(file), text);
}
process.exit(bad ? 1 : 0);
