/* measures.ts - numbers that records carry with their LOINC code ("Body Weight [LOINC 29463-7]:
 * 37,6 kg"), gathered into series over time. Text without a code is never guessed at. */
export interface Measure {
	code: string;
	name: string;
	unit: string;
	points: { at: number; value: number }[];
}

const LINE = /([^•\n;:]+?) \[LOINC (\d+-\d)\]: (-?\d+(?:[.,]\d+)?) ?([^\s—;\n]*)/g;

export function measuresOf(records: { createdAt: string; notes: string | null }[]): Measure[] {
	const found = new Map<string, Measure>();
	for (const r of records) {
		const at = Date.parse(r.createdAt) / 1000;
		for (const [, name, code, value, unit] of (r.notes ?? '').matchAll(LINE)) {
			const v = Number((value as string).replace(',', '.'));
			if (!Number.isFinite(v)) continue;
			const key = `${code} ${unit}`;
			const m = found.get(key) ?? { code: code as string, name: (name as string).trim(), unit: unit ?? '', points: [] };
			m.points.push({ at, value: v });
			found.set(key, m);
		}
	}
	for (const m of found.values()) m.points.sort((a, b) => a.at - b.at);
	return [...found.values()];
}

/** Records by month, oldest first, months without any included: [seconds, count]. */
export function byMonth(records: { createdAt: string }[]): { at: number[]; n: number[] } {
	const count = new Map<string, number>();
	for (const r of records) {
		const k = r.createdAt.slice(0, 7);
		count.set(k, (count.get(k) ?? 0) + 1);
	}
	const months = [...count.keys()].sort();
	const at: number[] = [];
	const n: number[] = [];
	const first = months[0];
	const last = months[months.length - 1];
	if (!first || !last) return { at, n };
	for (let [y, m] = first.split('-').map(Number) as [number, number]; ; ) {
		const k = `${y}-${String(m).padStart(2, '0')}`;
		at.push(Date.UTC(y, m - 1, 1) / 1000);
		n.push(count.get(k) ?? 0);
		if (k >= last) break;
		m++;
		if (m > 12) {
			m = 1;
			y++;
		}
	}
	return { at, n };
}
