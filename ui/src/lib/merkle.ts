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

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
	const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
	let at = 0;
	for (const p of parts) {
		out.set(p, at);
		at += p.length;
	}
	return out;
}
function int64(n: number): Uint8Array {
	const out = new Uint8Array(8);
	new DataView(out.buffer).setBigInt64(0, BigInt(n));
	return out;
}
async function hash(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
	if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
	return sha256(data);
}
const node = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> => hash(join(Uint8Array.of(1), left, right));

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

export interface EntryProof {
	seq: number;
	epoch: number;
	content: string;
	digest: string;
	leafIndex: number;
	treeSize: number;
	leafHash: string;
	auditPath: string[];
	head: { number: number; from: number; to: number; count: number; at: string; root: string; previous: string; keyId: string; signature: string };
}
export interface Verdict {
	/** Content, leaf and path agree with the head's root. */
	included: boolean;
	/** The head's signature; undefined where this browser cannot check Ed25519. */
	signed: boolean | undefined;
}

async function signatureHolds(head: EntryProof['head'], publicKey: string): Promise<boolean | undefined> {
	const text = new TextEncoder().encode('plantao audit head 1\n');
	const bytes = join(text, int64(head.number), int64(head.from), int64(head.to), int64(head.count), int64(Date.parse(head.at)), fromHex(head.root), fromHex(head.previous), fromHex(head.keyId));
	try {
		const key = await crypto.subtle.importKey('raw', fromHex(publicKey), 'Ed25519', false, ['verify']);
		return await crypto.subtle.verify('Ed25519', key, fromHex(head.signature), bytes);
	} catch {
		return undefined; /* an older browser, or a page without TLS */
	}
}

/** As docs/audit.md says: digest of the content, leaf of seq, epoch and digest, root by the path,
 * signature of the head by one of the given keys. */
export async function verifyEntry(p: EntryProof, keys: { id: string; publicKey: string }[]): Promise<Verdict> {
	const digest = await hash(fromHex(p.content));
	const leaf = await hash(join(Uint8Array.of(0), int64(p.seq), int64(p.epoch), digest));
	const same = toHex(digest) === p.digest.toLowerCase() && toHex(leaf) === p.leafHash.toLowerCase();
	const included = same && (await verifyInclusion({ leaf: p.leafHash, index: p.leafIndex, size: p.treeSize, path: p.auditPath, root: p.head.root }));
	const key = keys.find((k) => k.id === p.head.keyId);
	return { included, signed: key ? await signatureHolds(p.head, key.publicKey) : false };
}
