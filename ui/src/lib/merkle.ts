/* merkle.ts - RFC 9162 inclusion proof, checked in the browser. Needs crypto.subtle (TLS or
 * localhost); without it SHA-256 is computed by sha256 below. */
export interface InclusionProof {
	leaf: string;
	index: number;
	size: number;
	path: string[];
	root: string;
}

const fromHex = (s: string): Uint8Array<ArrayBuffer> => {
	const out = new Uint8Array(s.length / 2);
	for (let i = 0; i < out.length; i++) out[i] = parseInt(s.slice(i * 2, i * 2 + 2), 16);
	return out;
};
const toHex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');

const K = (() => {
	const out = new Uint32Array(64);
	let n = 0;
	for (let p = 2; n < 64; p++) {
		let prime = true;
		for (let d = 2; d * d <= p; d++) if (p % d === 0) prime = false;
		if (prime) {
			const root = Math.cbrt(p);
			out[n++] = ((root - Math.floor(root)) * 2 ** 32) >>> 0;
		}
	}
	return out;
})();
const START = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const turn = (x: number, n: number): number => (x >>> n) | (x << (32 - n));

function block(state: Uint32Array, view: DataView, at: number): void {
	const w = new Uint32Array(64);
	for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + i * 4);
	for (let i = 16; i < 64; i++) {
		const a = w[i - 15] as number;
		const b = w[i - 2] as number;
		w[i] = (w[i - 16] as number) + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (w[i - 7] as number) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
	}
	let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
	for (let i = 0; i < 64; i++) {
		const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + (K[i] as number) + (w[i] as number)) >>> 0;
		const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
		h = g;
		g = f;
		f = e;
		e = (d + t1) >>> 0;
		d = c;
		c = b;
		b = a;
		a = (t1 + t2) >>> 0;
	}
	for (const [i, v] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + v;
}

export function sha256(data: Uint8Array): Uint8Array {
	const padded = new Uint8Array(((data.length + 8) >> 6) * 64 + 64);
	padded.set(data);
	padded[data.length] = 0x80;
	const view = new DataView(padded.buffer);
	view.setUint32(padded.length - 8, Math.floor(data.length / 2 ** 29));
	view.setUint32(padded.length - 4, (data.length << 3) >>> 0);
	const state = Uint32Array.from(START);
	for (let at = 0; at < padded.length; at += 64) block(state, view, at);
	const out = new Uint8Array(32);
	state.forEach((v, i) => new DataView(out.buffer).setUint32(i * 4, v));
	return out;
}

async function node(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
	const both = new Uint8Array(1 + left.length + right.length);
	both[0] = 1;
	both.set(left, 1);
	both.set(right, 1 + left.length);
	if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', both));
	return sha256(both);
}

/** RFC 9162, 2.1.3.2: does the path lead from the leaf's hash to the root? */
export async function verifyInclusion(p: InclusionProof): Promise<boolean> {
	let fn = p.index;
	let sn = p.size - 1;
	let r: Uint8Array = fromHex(p.leaf);
	if (fn > sn) return false;
	for (const step of p.path) {
		if (sn === 0) return false;
		const s = fromHex(step);
		if (fn % 2 === 1 || fn === sn) {
			r = await node(s, r);
			if (fn % 2 === 0)
				do {
					fn = Math.floor(fn / 2);
					sn = Math.floor(sn / 2);
				} while (fn % 2 === 0 && fn !== 0);
		} else r = await node(r, s);
		fn = Math.floor(fn / 2);
		sn = Math.floor(sn / 2);
	}
	return sn === 0 && toHex(r) === p.root.toLowerCase();
}
