/* diff.ts - what changed between two texts, word by word (Myers' shortest edit script). */
export interface Piece {
	kind: 'same' | 'add' | 'del';
	text: string;
}
const LIMIT = 1200; /* words in the changed middle; the trace is quadratic in it */

export function words(s: string): string[] {
	return s.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];
}

function push(out: Piece[], kind: Piece['kind'], text: string): void {
	const last = out[out.length - 1];
	if (last && last.kind === kind) last.text += text;
	else out.push({ kind, text });
}

function script(a: string[], b: string[]): Piece[] {
	const max = a.length + b.length;
	const offset = max + 1;
	let v = new Int32Array(2 * max + 3);
	const trace: Int32Array[] = [];
	let found = -1;
	for (let d = 0; d <= max && found < 0; d++) {
		trace.push(v.slice());
		for (let k = -d; k <= d; k += 2) {
			const down = k === -d || (k !== d && (v[offset + k - 1] as number) < (v[offset + k + 1] as number));
			let x = down ? (v[offset + k + 1] as number) : (v[offset + k - 1] as number) + 1;
			let y = x - k;
			while (x < a.length && y < b.length && a[x] === b[y]) {
				x++;
				y++;
			}
			v[offset + k] = x;
			if (x >= a.length && y >= b.length) {
				found = d;
				break;
			}
		}
	}
	const back: Piece[] = [];
	let x = a.length;
	let y = b.length;
	for (let d = found; d > 0; d--) {
		v = trace[d] as Int32Array<ArrayBuffer>;
		const k = x - y;
		const down = k === -d || (k !== d && (v[offset + k - 1] as number) < (v[offset + k + 1] as number));
		const px = v[offset + (down ? k + 1 : k - 1)] as number;
		const py = px - (down ? k + 1 : k - 1);
		while (x > px && y > py) {
			back.push({ kind: 'same', text: a[--x] as string });
			y--;
		}
		if (down) back.push({ kind: 'add', text: b[--y] as string });
		else back.push({ kind: 'del', text: a[--x] as string });
	}
	while (x > 0) back.push({ kind: 'same', text: a[--x] as string });
	return back.reverse();
}

/** Pieces in reading order; very long and very different texts are shown as one replacement. */
export function diff(before: string, after: string): Piece[] {
	const a = words(before);
	const b = words(after);
	let head = 0;
	while (head < a.length && head < b.length && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
	const midA = a.slice(head, a.length - tail);
	const midB = b.slice(head, b.length - tail);
	const out: Piece[] = [];
	for (const w of a.slice(0, head)) push(out, 'same', w);
	if (midA.length + midB.length > LIMIT) {
		if (midA.length) push(out, 'del', midA.join(''));
		if (midB.length) push(out, 'add', midB.join(''));
	} else for (const p of script(midA, midB)) push(out, p.kind, p.text);
	for (const w of a.slice(a.length - tail)) push(out, 'same', w);
	return out;
}
