/* brazil.ts - CPF, CNS and telephone: masks while typing, check digits before sending.
 * The server decides; this tells people at once. Rules: CPF modulo 11 (RFB); CNS as DATASUS'
 * routine (1/2: first eleven digits, 000 or 001, digit; 7/8/9: weighted sum). */
export const digits = (s: string): string => s.replace(/\D/g, '');

export function cpfMask(s: string): string {
	const d = digits(s).slice(0, 11);
	let out = d.slice(0, 3);
	if (d.length > 3) out += '.' + d.slice(3, 6);
	if (d.length > 6) out += '.' + d.slice(6, 9);
	if (d.length > 9) out += '-' + d.slice(9);
	return out;
}
/** Shows a stored CPF; leaves a masked one ("***.456.789-**") as it came. */
export function cpfShow(s: string | null | undefined): string {
	if (!s) return '';
	return /^\d{11}$/.test(s) ? cpfMask(s) : s;
}
function cpfDigit(d: string, n: number): number {
	let sum = 0;
	for (let i = 0; i < n; i++) sum += Number(d[i]) * (n + 1 - i);
	const r = sum % 11;
	return r < 2 ? 0 : 11 - r;
}
export function cpfValid(s: string): boolean {
	const d = digits(s);
	if (d.length !== 11 || /^(\d)\1{10}$/.test(d)) return false;
	return cpfDigit(d, 9) === Number(d[9]) && cpfDigit(d, 10) === Number(d[10]);
}

export function cnsMask(s: string): string {
	const d = digits(s).slice(0, 15);
	return [d.slice(0, 3), d.slice(3, 7), d.slice(7, 11), d.slice(11)].filter(Boolean).join(' ');
}
export function cnsShow(s: string | null | undefined): string {
	if (!s) return '';
	return /^\d{15}$/.test(s) ? cnsMask(s) : s;
}
function weighted(d: string, n: number): number {
	let sum = 0;
	for (let i = 0; i < n; i++) sum += Number(d[i]) * (15 - i);
	return sum;
}
export function cnsValid(s: string): boolean {
	const d = digits(s);
	if (d.length !== 15) return false;
	if ('789'.includes(d[0] as string)) return weighted(d, 15) % 11 === 0;
	if (!'12'.includes(d[0] as string)) return false;
	const base = d.slice(0, 11);
	let sum = weighted(base, 11);
	let dv = 11 - (sum % 11);
	if (dv === 11) dv = 0;
	if (dv === 10) {
		sum += 2;
		return d === base + '001' + (11 - (sum % 11));
	}
	return d === base + '000' + dv;
}

export function phoneMask(s: string): string {
	const d = digits(s).slice(0, 11);
	if (d.length < 3) return d;
	const cut = d.length > 10 ? 7 : 6;
	return `(${d.slice(0, 2)}) ${d.slice(2, cut)}${d.length > cut ? '-' + d.slice(cut) : ''}`;
}
export function phoneShow(s: string | null | undefined): string {
	if (!s) return '';
	return /^\d{10,11}$/.test(s) ? phoneMask(s) : s;
}
export function dateMask(s: string): string {
	const d = digits(s).slice(0, 8);
	return [d.slice(0, 2), d.slice(2, 4), d.slice(4)].filter(Boolean).join('/');
}
