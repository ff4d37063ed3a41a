/* body-map.tsx - lesions marked on a body seen from the front and from behind. A click or Enter adds
 * one at a region, Backspace or minus takes one away; the list beside says the same in words. */
import { Icon } from '../../components/icon';
import { t, tcode } from '../../i18n';

/** Region → number of lesions. Names end in _d or _e: the person's right and left. */
export type Lesions = Record<string, number>;

interface Region {
	name: string;
	/** A path on the right half of the person (left of the picture); mirrored for the other side. */
	d: string;
	paired: boolean;
}
const front: Region[] = [
	{ name: 'couro_cabeludo', d: 'M83 22a17 17 0 0 1 34 0z', paired: false },
	{ name: 'face', d: 'M83 24h34c1 14-7 27-17 27s-18-13-17-27z', paired: false },
	{ name: 'orelha', d: 'M81 29c-4-2-6 1-5 5 1 5 4 8 7 8z', paired: true },
	{ name: 'pescoco', d: 'M92 52h16v11H92z', paired: false },
	{ name: 'torax', d: 'M72 66h56l-3 44H75z', paired: false },
	{ name: 'abdome', d: 'M75 112h50l3 38H72z', paired: false },
	{ name: 'braco', d: 'M70 67c-8 1-13 6-14 14l-5 36 12 2 9-40z', paired: true },
	{ name: 'antebraco', d: 'M50 119l12 2-5 38-11-1z', paired: true },
	{ name: 'mao', d: 'M45 160l12 1 1 14c0 6-3 10-8 10-6 0-9-5-8-11z', paired: true },
	{ name: 'coxa', d: 'M72 152h27l-3 62H76z', paired: true },
	{ name: 'perna', d: 'M76 216h20l-2 60H79z', paired: true },
	{ name: 'pe', d: 'M78 278h16l1 10c0 4-4 6-10 6-8 0-12-2-12-6z', paired: true },
];
const back: Region[] = [
	{ name: 'nuca', d: 'M83 22a17 17 0 0 1 34 0c1 15-4 28-9 30H92c-5-2-10-15-9-30z', paired: false },
	{ name: 'dorso', d: 'M72 66h56l-3 44H75z', paired: false },
	{ name: 'lombar', d: 'M75 112h50l2 24H73z', paired: false },
	{ name: 'nadega', d: 'M73 138h26v26H71z', paired: true },
	{ name: 'braco_posterior', d: 'M70 67c-8 1-13 6-14 14l-5 36 12 2 9-40z', paired: true },
	{ name: 'antebraco_posterior', d: 'M50 119l12 2-5 38-11-1z', paired: true },
	{ name: 'mao_dorso', d: 'M45 160l12 1 1 14c0 6-3 10-8 10-6 0-9-5-8-11z', paired: true },
	{ name: 'coxa_posterior', d: 'M71 166h28l-3 48H76z', paired: true },
	{ name: 'panturrilha', d: 'M76 216h20l-2 60H79z', paired: true },
	{ name: 'planta', d: 'M78 278h16l1 10c0 4-4 6-10 6-8 0-12-2-12-6z', paired: true },
];

export function regionName(key: string): string {
	const m = /^(.*)_(d|e)$/.exec(key);
	const base = tcode('lesion.region', m?.[1] ?? key);
	return m ? `${base}, ${t(m[2] === 'd' ? 'lesion.right' : 'lesion.left')}` : base;
}

function Figure({ regions, behind, value, add }: { regions: Region[]; behind: boolean; value: Lesions; add?: (key: string, by: number) => void }) {
	const area = (key: string, d: string, mirror: boolean) => {
		const n = value[key] ?? 0;
		if (!add)
			return (
				<g key={key} class={`region shown ${n ? 'on' : ''}`} transform={mirror ? 'translate(200 0) scale(-1 1)' : undefined}>
					<path d={d} />
				</g>
			);
		return (
			<g
				key={key}
				role="button"
				{...{ tabindex: 0 } /* SVG attributes keep their case: tabIndex would be another one */}
				aria-label={t('lesion.at', { region: regionName(key), n })}
				class={`region ${n ? 'on' : ''}`}
				transform={mirror ? 'translate(200 0) scale(-1 1)' : undefined}
				onClick={() => add(key, 1)}
				onKeyDown={(e) => {
					if (e.key === 'Enter' || e.key === ' ' || e.key === '+') add(key, 1);
					else if (e.key === 'Backspace' || e.key === 'Delete' || e.key === '-') add(key, -1);
					else return;
					e.preventDefault();
				}}
			>
				<path d={d} />
				<title>{regionName(key)}</title>
			</g>
		);
	};
	return (
		<figure class="body-figure">
			<svg viewBox="30 0 140 300" role={add ? 'group' : 'img'} aria-label={behind ? t('lesion.back') : t('lesion.front')}>
				{/* seen from behind, the person's right is on the right of the picture */}
				{regions.flatMap((r) => (r.paired ? [area(`${r.name}_d`, r.d, behind), area(`${r.name}_e`, r.d, !behind)] : [area(r.name, r.d, false)]))}
			</svg>
			<figcaption class="small quiet">{behind ? t('lesion.back') : t('lesion.front')}</figcaption>
		</figure>
	);
}

export const lesionCount = (v: Lesions): number => Object.values(v).reduce((a, n) => a + n, 0);

/** Without onValue it is only to be looked at; the list beside says the same. */
export function BodyMap({ value, onValue }: { value: Lesions; onValue?: (v: Lesions) => void }) {
	const add = (key: string, by: number) => {
		const n = Math.max(0, Math.min(99, (value[key] ?? 0) + by));
		const next = { ...value, [key]: n };
		if (n === 0) delete next[key];
		onValue?.(next);
	};
	const marked = Object.entries(value);
	return (
		<div class="body-map">
			<div class="body-figures">
				<Figure regions={front} behind={false} value={value} add={onValue && add} />
				<Figure regions={back} behind value={value} add={onValue && add} />
			</div>
			<div class="stack tight">
				{onValue && <p class="small quiet">{t('lesion.how')}</p>}
				<p role="status">
					<strong class="num">{t('lesion.total', { n: lesionCount(value) })}</strong>
				</p>
				<ul class="stack tight">
					{marked.map(([key, n]) => (
						<li key={key} class="row between">
							<span>
								{regionName(key)}: <span class="num">{n}</span>
							</span>
							{onValue && (
								<span class="row">
									<button type="button" class="btn small" aria-label={`${t('lesion.less')}: ${regionName(key)}`} onClick={() => add(key, -1)}>
										−
									</button>
									<button type="button" class="btn small" aria-label={`${t('lesion.more')}: ${regionName(key)}`} onClick={() => add(key, 1)}>
										<Icon name="plus" />
									</button>
								</span>
							)}
						</li>
					))}
				</ul>
			</div>
		</div>
	);
}
