// types.mjs : src/api/gen/ from the program's rows, before every build: a changed row breaks the build
// of the front end and not its user. types.ts and limits.ts come from docs/openapi.json, the document
// that the program itself prints (`plantao openapi`); events.ts and flags.ts from the rows' own words.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapi, { astToString } from 'openapi-typescript';

const at = (p) => fileURLToPath(new URL(p, import.meta.url));
const document = JSON.parse(readFileSync(at('../../docs/openapi.json'), 'utf8'));
const head = '/* Made by tools/types.mjs from docs/openapi.json. */\n';

function resolve(s) {
	return s?.$ref ? document.components.schemas[s.$ref.split('/').pop()] : s;
}
// Limits of every body, so that forms know what the server will refuse.
function limitsOf(schema) {
	const s = resolve(schema) ?? {};
	const out = {};
	for (const [name, raw] of Object.entries(s.properties ?? {})) {
		const p = resolve(raw);
		const l = {};
		if (s.required?.includes(name)) l.required = true;
		for (const k of ['minLength', 'maxLength', 'minimum', 'maximum', 'enum']) if (p[k] !== undefined) l[k] = p[k];
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

// NAME(ID, "code"?, …, "pt-BR", "English") rows of a .def: code (else ID) → both texts, the last two strings.
function rows(file, name, byId) {
	const path = at(`../../src/${file}`);
	const text = existsSync(path) ? readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '') : '';
	const out = {};
	for (const [, id, rest] of text.matchAll(new RegExp(`\\b${name}\\(\\s*(\\w+)\\s*,((?:[^"()]|"(?:[^"\\\\]|\\\\.)*")*)\\)`, 'g'))) {
		const strings = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => JSON.parse(`"${m[1]}"`));
		out[byId ? id : strings[0]] = strings.slice(-2);
	}
	return out;
}
const wordsFile = (name, table) => `${head}export const ${name}: Record<string, string[]> = ${JSON.stringify(table, null, '\t')};\n`;

const files = {
	'types.ts': head + astToString(await openapi(document, { alphabetize: true })),
	'events.ts': wordsFile('events', rows('http/audit.def', 'AUDIT', false)),
	'flags.ts': wordsFile('flags', rows('features/calc/flags.def', 'FLAG', true)),
	'limits.ts': `${head}export const limits = ${JSON.stringify(limits, null, '\t')};\n`,
};
mkdirSync(at('../src/api/gen'), { recursive: true });
for (const [name, text] of Object.entries(files)) {
	const file = at(`../src/api/gen/${name}`);
	if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}
