/* codes.ts - the coded values of a case in the reader's language, from the program's own rows. */
import { call } from '../../api/client';
import { useQuery } from '../../api/query';
import { type Key, lang, t } from '../../i18n';

export interface Codes {
	/** The words of a value; '' for none. */
	text: (set: string, name: string | null | undefined) => string;
	choices: (set: string) => { value: string; label: string }[];
	/** What a number on the SINAN form says; '' where the field is no coded one. */
	meaning: (field: string, value: string) => string;
}

/* numbers of the form that are no value of a set of ours */
const extra: Record<string, Key> = {
	'ID_AGRAVO=A309': 'sinan.hansen',
	'EPIS_RACIO=4': 'sinan.reaction.none',
	...Object.fromEntries(['AVALIA_N', 'AVAL_ATU_N'].flatMap((f) => ['0', '1', '2', '3'].map((g) => [`${f}=${g}`, `sinan.gif.${g}` as Key]))),
	...Object.fromEntries(['F', 'M', 'I'].map((s) => [`CS_SEXO=${s}`, `sex.${s}` as Key])),
};

/** undefined until they have come. */
export function useCodes(): Codes | undefined {
	const q = useQuery(`hansen codes ${lang.value}`, (signal) => call('get', '/api/hansen/codes', { signal }));
	if (!q.data) return undefined;
	const sets = new Map(q.data.items.map((s) => [s.name, s.codes]));
	const find = (set: string, name: string | null | undefined) => sets.get(set)?.find((c) => c.name === name);
	return {
		text: (set, name) => (name ? (find(set, name)?.text ?? name) : ''),
		choices: (set) => (sets.get(set) ?? []).map((c) => ({ value: c.name, label: c.text })),
		meaning: (field, value) => {
			const special = extra[`${field}=${value}`];
			if (special) return t(special);
			const set = q.data?.items.find((s) => s.field?.split(', ').includes(field));
			return set?.codes.find((c) => String(c.sinan) === value)?.text ?? '';
		},
	};
}
