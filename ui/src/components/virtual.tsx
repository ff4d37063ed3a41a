/* virtual.tsx - a list of any length that draws only what is on the screen. All rows have one
 * height. Scrolling is the page's own. Arrow keys, Home and End walk the rows; the focus never
 * falls off: when its row leaves the drawn part, the list itself takes it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const AHEAD = 8;

export function VirtualList<T>({ items, row, render, keyOf, label, near }: {
	items: T[];
	/** Height of a row in rem. */
	row: number;
	render: (item: T, i: number) => ComponentChildren;
	keyOf: (item: T) => string;
	label: string;
	/** Called when the end of what is there comes near. */
	near?: () => void;
}) {
	const list = useRef<HTMLUListElement>(null);
	const [range, setRange] = useState({ from: 0, to: 30 });
	const wanted = useRef<number | null>(null);
	const px = row * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);

	const measure = () => {
		const el = list.current;
		if (!el) return;
		const top = -el.getBoundingClientRect().top;
		const from = Math.max(0, Math.floor(top / px) - AHEAD);
		const to = Math.ceil((top + window.innerHeight) / px) + AHEAD;
		setRange((r) => (r.from === from && r.to === to ? r : { from, to }));
		if (near && to >= items.length - 10) near();
	};
	const latest = useRef(measure);
	latest.current = measure;

	useEffect(() => {
		let frame = 0;
		const on = () => {
			if (!frame)
				frame = requestAnimationFrame(() => {
					frame = 0;
					latest.current();
				});
		};
		window.addEventListener('scroll', on, { passive: true });
		window.addEventListener('resize', on);
		return () => {
			cancelAnimationFrame(frame);
			window.removeEventListener('scroll', on);
			window.removeEventListener('resize', on);
		};
	}, []);
	useLayoutEffect(() => latest.current(), [items.length]);

	useLayoutEffect(() => {
		if (wanted.current === null) return;
		const el = list.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"] a, [data-row="${wanted.current}"] button`);
		if (el) {
			el.focus({ preventScroll: true });
			wanted.current = null;
		}
	});

	function walk(e: KeyboardEvent): void {
		const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -items.length, End: items.length };
		const by = step[e.key];
		if (by === undefined || e.ctrlKey || e.metaKey || e.altKey) return;
		const at = Number((e.target as HTMLElement).closest('[data-row]')?.getAttribute('data-row') ?? range.from);
		const to = Math.min(items.length - 1, Math.max(0, at + by));
		e.preventDefault();
		wanted.current = to;
		const box = list.current?.getBoundingClientRect();
		if (box) {
			const y = box.top + to * px;
			if (y < 120) window.scrollBy(0, y - 120);
			else if (y + px > window.innerHeight - 80) window.scrollBy(0, y + px - window.innerHeight + 80);
		}
		latest.current();
		setRange((r) => ({ ...r, from: Math.min(r.from, to), to: Math.max(r.to, to + 1) }));
	}

	const from = Math.min(range.from, Math.max(0, items.length - 1));
	const to = Math.min(items.length, range.to);
	return (
		<ul
			ref={list}
			class="vlist"
			aria-label={label}
			tabIndex={-1}
			onKeyDown={walk}
			style={{ height: `${items.length * px}px`, paddingTop: `${from * px}px`, boxSizing: 'border-box' }}
		>
			{items.slice(from, to).map((item, i) => (
				<li key={keyOf(item)} data-row={from + i} aria-setsize={items.length} aria-posinset={from + i + 1} style={{ height: `${px}px` }}>
					{render(item, from + i)}
				</li>
			))}
		</ul>
	);
}
