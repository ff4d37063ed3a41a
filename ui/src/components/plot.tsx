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

interface PlotProps {
	label: string;
	/** Unix seconds. */
	at: number[];
	series: Series[];
	height?: number;
	days?: boolean;
	/** Samples are whole years, each at its first instant in UTC. */
	years?: boolean;
	/** How a moment is said beside the plot, and how on its axis, where neither the clock nor the day will do. */
	moment?: (at: number) => string;
	tick?: (at: number) => string;
	/** What nothing can be above. */
	top?: number;
}

export function Plot({ label, at, series, height = 190, days, years, moment: said, tick, top }: PlotProps) {
	const box = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot>();
	const shape = series.map((s) => s.label + s.color).join('|') + theme.value;

	useEffect(() => {
		const el = box.current;
		if (!el) return;
		const css = getComputedStyle(document.documentElement);
		const c = (name: string) => css.getPropertyValue(`--${name}`).trim();
		const font = `12px ${css.getPropertyValue('--font')}`;
		const year = (v: number) => String(new Date(v * 1000).getUTCFullYear());
		const moment = (v: number | null) => (v == null ? '–' : said ? said(v) : years ? year(v) : days ? date(new Date(v * 1000).toISOString()) : clock(v));
		const axis = { stroke: c('ink-2'), grid: { stroke: c('line'), width: 1 }, ticks: { stroke: c('line') }, font };
		plot.current = new uPlot(
			{
				/* never flatter than from zero; a single sample still spans a minute */
				scales: {
					x: {
						time: true,
						range: (u, low: number | null, high: number | null) => {
						if (low == null || high == null) return [now() - 60, now()];
						/* of the samples themselves: for a single one uPlot proposes a whole day */
						const lo = u.data[0]?.[0] ?? low;
						const hi = u.data[0]?.[u.data[0].length - 1] ?? high;
						return days ? [lo, hi === lo ? lo + 86_400 : hi] : [Math.min(lo, hi - 60), hi];
						},
					},
					y: {
						range: (_u, lo: number | null, hi: number | null) => {
							if (top) return [0, top * 1.05];
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
					{ ...axis, ...(years ? { splits: () => at } : {}), values: (_u, v) => v.map((x) => (tick ? tick(x) : years ? year(x) : days ? date(new Date(x * 1000).toISOString()).slice(3) : clock(x))) },
					{ ...axis, size: 56, values: (_u, v) => v.map((x) => number(x, Math.abs(x) < 10 && x % 1 !== 0 ? 1 : 0)) },
				],
				series: [
					/* without a pointer on the plot the legend tells the newest sample */
					{ label: t(years ? 'indicator.year' : days ? 'plot.date' : 'plot.time'), value: (u, v) => moment(v ?? u.data[0]?.[u.data[0].length - 1] ?? null) },
					...series.map((s) => ({
						label: s.label,
						stroke: c(s.color),
						width: 2,
						spanGaps: true,
						points: { show: at.length < 40, size: 5 },
						value: (u: uPlot, raw: number | null, i: number) => {
							const v = u.cursor.idx == null ? u.data[i]?.[u.data[i].length - 1] : raw;
							return v == null ? '–' : number(v, s.digits ?? 0) + (s.unit ? ' ' + s.unit : '');
						},
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
