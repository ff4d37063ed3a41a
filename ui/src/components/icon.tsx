/* icon.tsx - the few pictures the screens use, drawn on a 24 × 24 grid; decoration only,
 * the words beside them carry the meaning. */
const paths = {
	home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
	people: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.3c2.1.8 3.5 2.8 3.5 5.7',
	person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3.4-6.5 7.5-6.5s7.5 2.5 7.5 6.5',
	chart: 'M6 3h9l4 4v14H6zM14.5 3v4.5H19M9 12h7M9 16h5',
	search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21',
	plus: 'M12 5v14M5 12h14',
	shield: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z',
	eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
	eyeOff: 'M4 4l16 16M9.5 6A9.7 9.7 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7M6 8a16 16 0 0 0-3.5 4S6 18.5 12 18.5c1.5 0 2.9-.4 4-1M10 10a3 3 0 0 0 4 4',
	lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
	alert: 'M12 3.5L22 20.5H2zM12 10v5M12 17.8v.2',
	info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.8V8',
	check: 'M5 12.5l4.5 4.5L19 7',
	x: 'M6 6l12 12M18 6L6 18',
	clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2',
	calendar: 'M4 6h16v15H4zM4 10.5h16M8 3v5M16 3v5',
	calculator: 'M5 3h14v18H5zM8.5 6.5h7V10h-7zM8.5 14h.1M12 14h.1M15.5 14h.1M8.5 17.5h.1M12 17.5h.1M15.5 17.5h.1',
	pulse: 'M2.5 12.5h4l2.5-7 5 13 2.5-6h5',
	users: 'M12 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20c0-3.6 3-6 7-6s7 2.4 7 6',
	key: 'M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 12h9v4M17 12v3',
	gear: 'M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1M5.3 18.7l2.1-2.1M16.6 7.4l2.1-2.1',
	out: 'M14 4H5v16h9M10 12h11M17.5 8.5L21 12l-3.5 3.5',
	sun: 'M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5',
	edit: 'M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5',
	trash: 'M4.5 7h15M9 7V4h6v3M6.5 7l1 13.5h9l1-13.5',
	undo: 'M8 5L3.5 9.5 8 14M3.5 9.5H15a5.5 5.5 0 0 1 0 11h-4',
	history: 'M4 12a8 8 0 1 1 2.5 5.8M4 12l-2-2.5M4 12l2.5-2M12 7.5V12l3 2',
	print: 'M7 9V3h10v6M7 17H3.5V9h17v8H17M7 14h10v7H7z',
	filter: 'M3.5 5h17l-6.5 8v6l-4 2v-8z',
	right: 'M9 5l7 7-7 7',
	left: 'M15 5l-7 7 7 7',
	down: 'M5 9l7 7 7-7',
	wifiOff: 'M4 4l16 16M2.5 9.5A15 15 0 0 1 7 6.7M11 5.6a15 15 0 0 1 10.5 3.9M6 13a9.5 9.5 0 0 1 4-2.3M15.5 11.5c1 .4 1.8.9 2.5 1.5M9 16.5a4.5 4.5 0 0 1 6 0M12 20v.1',
	send: 'M3.5 4.5L21 12 3.5 19.5 6.5 12zM6.5 12H13',
	hand: 'M7.5 13V6a1.5 1.5 0 0 1 3 0v5-7a1.5 1.5 0 0 1 3 0v7-5.5a1.5 1.5 0 0 1 3 0V13l1-2a1.6 1.6 0 0 1 3 1.2l-3 6.3c-1 2-2.5 3-5 3h-1c-3 0-4.5-1.5-6-4.5L4 13a1.5 1.5 0 0 1 2.6-1.4z',
	chat: 'M4 5h16v11H11l-4.5 4V16H4z',
	book: 'M4 5.5C6.5 4 9.5 4 12 6c2.5-2 5.5-2 8-.5v13c-2.5-1.5-5.5-1.5-8 .5-2.5-2-5.5-2-8-.5zM12 6v13',
	scale: 'M12 4v16M7 20h10M5 7h14M5 7l-2.5 6h5zM19 7l-2.5 6h5z',
	building: 'M5 21V4h9v17M14 10h5v11M3 21h18M8 8h3M8 12h3M8 16h3',
	flag: 'M5 21V4h13l-2.5 4.5L18 13H5',
	file: 'M6 3h9l4 4v14H6zM14.5 3v4.5H19',
} as const;

export type IconName = keyof typeof paths;
export function Icon({ name }: { name: IconName }) {
	return (
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path d={paths[name]} />
		</svg>
	);
}

/** The mark: a P whose bowl is a clock: somebody is on duty. */
export function Mark() {
	return (
		<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<rect width="32" height="32" rx="8" fill="#0b4f4a" />
			<path d="M9 26V6" stroke="#fff" stroke-width="3.2" stroke-linecap="round" />
			<circle cx="17" cy="13" r="8" fill="none" stroke="#fff" stroke-width="3.2" />
			<path d="M17 9v4l3 2" fill="none" stroke="#8fe0d2" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" />
		</svg>
	);
}

/** A day's ring of 24 hours, the picture behind the sign-in. */
export function Ring() {
	const ticks = [];
	for (let h = 0; h < 96; h++) {
		const a = (h / 96) * 2 * Math.PI;
		const long = h % 4 === 0;
		const r = long ? 150 : 162;
		ticks.push(
			<line
				x1={200 + Math.sin(a) * r}
				y1={200 - Math.cos(a) * r}
				x2={200 + Math.sin(a) * 178}
				y2={200 - Math.cos(a) * 178}
				stroke={h > 26 && h < 74 ? '#8fe0d2' : '#ffffff'}
				stroke-opacity={long ? 0.75 : 0.3}
				stroke-width={long ? 2.5 : 1.5}
				stroke-linecap="round"
			/>,
		);
	}
	return (
		<svg class="ring" viewBox="0 0 400 400" aria-hidden="true" focusable="false">
			{ticks}
			<circle cx="200" cy="200" r="118" fill="none" stroke="#ffffff" stroke-opacity="0.18" stroke-width="22" />
			<path d="M200 96v104l64 40" fill="none" stroke="#8fe0d2" stroke-width="10" stroke-linecap="round" stroke-linejoin="round" />
		</svg>
	);
}
