/* plot.tsx - time series by uPlot, in the colours of the theme, with the same numbers as a table for
 * who cannot see the picture. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../lib/theme';
import { t } from '../i18n';
import { number, time, date } from '../lib/format';

const now = (): number => Date.now() / 1000;
const clock = (x: number): string => `${time(new Date(x * 1000).toISOString())}:${String(Math.floor(x) % 60).padStart(2, '0')}`;

export interface Series {
	label: string;
	/** A token of tokens.css. */
	color: string;
	values: (number | null)[];
	digits?: number;
	unit?: string;
}

export function Plot({ label, at, series, height = 190, days }: { label: string; at: number[]; series: Series[]; height?: number; days?: boolean }) {
	const box = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>();
	const shape = series.map((s) => s.label + s.color).join('|') + theme.value;

	useEffect(() => {
		const el = box.current;
		if (!el) return;
		const css = getComputedStyle(document.documentElement);
		const c = (name: string) => css.getPropertyValue(`--${name}`).trim();
		const font = `12px ${css.getPropertyValue('--font')}`;
		const axis = { stroke: c('ink-2'), grid: { stroke: c('line'), width: 1 }, ticks: { stroke: c('line') }, font };
		plot.current = new uPlot(
			{
				/* never flatter than from zero; a single sample still spans a minute */
				scales: {
					x: { time: true, range: (_u, lo: number | null, hi: number | null) => (lo == null || hi == null ? [now() - 60, now()] : days ? [lo, hi === lo ? lo + 86_400 : hi] : [Math.min(lo, hi - 60), hi]) },
					y: {
						range: (_u, lo: number | null, hi: number | null) => {
							if (lo == null || hi == null) return [0, 1];
							if (!days) return [Math.min(0, lo), Math.max(hi, 1) * 1.1];
							const room = (hi - lo || Math.abs(hi) || 1) * 0.12;
							return [lo >= 0 ? Math.max(0, lo - room) : lo - room, hi + room];
						},
					},
				},
				width: el.clientWidth || 300,
				height,
				cursor: { drag: { x: false, y: false } },
				legend: { show: true, live: true },
				axes: [
					{ ...axis, values: (_u, v) => v.map((x) => (days ? date(new Date(x * 1000).toISOString()).slice(3) : clock(x))) },
					{ ...axis, size: 56, values: (_u, v) => v.map((x) => number(x, Math.abs(x) < 10 && x % 1 !== 0 ? 1 : 0)) },
				],
				series: [
					{ label: t(days ? 'plot.date' : 'plot.time'), value: (_u, v) => (v == null ? '–' : days ? date(new Date(v * 1000).toISOString()) : clock(v)) },
					...series.map((s) => ({
						label: s.label,
						stroke: c(s.color),
						width: 2,
						spanGaps: true,
						points: { show: at.length < 40, size: 5 },
						value: (_u: uPlot, v: number | null) => (v == null ? '–' : number(v, s.digits ?? 0) + (s.unit ? ' ' + s.unit : '')),
					})),
				],
			},
			[at, ...series.map((s) => s.values)] as uPlot.AlignedData,
			el,
		);
		const seen = new ResizeObserver(() => plot.current?.setSize({ width: el.clientWidth, height }));
		seen.observe(el);
		return () => {
			seen.disconnect();
			plot.current?.destroy();
			plot.current = undefined;
		};
	}, [shape, height]);

	useEffect(() => {
		plot.current?.setData([at, ...series.map((s) => s.values)] as uPlot.AlignedData);
	}, [at, series]);

	const last = (s: Series) => s.values[s.values.length - 1];
	return (
		<figure>
			<div ref={box} class="plot" role="img" aria-label={label} />
			<figcaption class="sr">
				{label}: {series.map((s) => `${s.label} ${last(s) == null ? '–' : number(last(s) as number, s.digits ?? 0)} ${s.unit ?? ''}`).join('; ')}
			</figcaption>
		</figure>
	);
}
