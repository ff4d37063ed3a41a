/* cite.ts - which rows of the protocol a citation means. Citations and rows name their place in the
 * document in words of their own ("tópicos 07 e 08", "tópico 08, Quadro 3"): rows of the very section
 * come first, then those that share the table (Quadro), then those of the same chapter. */
export interface Place {
	document: string;
	section: string;
	page?: string | null;
}

function chapters(section: string): string[] {
	const m = /tópicos? ([\d ,e]+)/.exec(section);
	return m?.[1]?.match(/\d+/g)?.map((n) => String(Number(n))) ?? [];
}
function tables(section: string): string[] {
	const m = /Quadros? (\d+)(?: a (\d+))?/.exec(section);
	if (!m) return [];
	const out: string[] = [];
	for (let n = Number(m[1]); n <= Number(m[2] ?? m[1]); n++) out.push(String(n));
	return out;
}
const share = (a: string[], b: string[]): boolean => a.some((x) => b.includes(x));

/** 0: another place; more is nearer. */
export function nearness(cited: Place, row: Place): number {
	if (cited.document !== row.document) return 0;
	if (cited.section === row.section) return 3;
	if (!share(chapters(cited.section), chapters(row.section))) return 0;
	return share(tables(cited.section), tables(row.section)) ? 2 : 1;
}

/** The rows nearest to the citation; none when the protocol has no row of its chapter. */
export function citedRows<T extends { source: Place }>(cited: Place, rows: readonly T[]): T[] {
	const best = rows.reduce((most, r) => Math.max(most, nearness(cited, r.source)), 0);
	return best === 0 ? [] : rows.filter((r) => nearness(cited, r.source) === best);
}
