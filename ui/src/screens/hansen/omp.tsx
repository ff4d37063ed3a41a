/* omp.tsx - eyes, hands and feet of both sides, drawn and graded: the form of the disability grade. */
import { Radios } from '../../components/form';
import { t } from '../../i18n';

const sites = ['olho', 'mao', 'pe'] as const;
const drawings: Record<(typeof sites)[number], string> = {
	olho: 'M6 32C16 18 30 14 40 14s24 4 34 18C64 46 50 50 40 50S16 46 6 32zM40 44a12 12 0 1 0 0-24 12 12 0 0 0 0 24zM40 36a4 4 0 1 0 0-8 4 4 0 0 0 0 8z',
	mao: 'M26 62V40l-9-10c-4-5 1-9 5-5l8 8V10c0-5 7-5 7 0v16-20c0-5 7-5 7 0v20-16c0-5 7-5 7 0v18-11c0-5 6-5 6 0v25c0 8-4 12-6 15v5z',
	pe: 'M30 60c-6-4-8-14-6-24 1-8-2-14 0-22 2-7 9-9 14-6 5 2 6 8 5 15-1 8 3 14 3 22 0 11-7 20-16 15zM46 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM53 17a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM57 24a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
};

function Drawing({ site, side }: { site: (typeof sites)[number]; side: 'D' | 'E' }) {
	return (
		<svg viewBox="0 0 80 68" aria-hidden="true">
			<path d={drawings[site]} transform={side === 'E' ? 'translate(80 0) scale(-1 1)' : undefined} />
		</svg>
	);
}

/** The six sites with their grades, to be read. */
export function SitesShown({ value }: { value: Record<string, string> }) {
	return (
		<ul class="omp shown">
			{sites.flatMap((site) =>
				(['D', 'E'] as const).map((side) => {
					const v = value[site + side] ?? '';
					return (
						<li key={site + side} class={`omp-site grade-${v || 'none'}`}>
							<Drawing site={site} side={side} />
							<span class="small">{t(`hansen.site.${site}${side}`)}</span>
							<strong class="num">{v === '' ? t('hansen.notAssessed') : v}</strong>
						</li>
					);
				}),
			)}
		</ul>
	);
}

/** value: olhoD … peE → "0", "1", "2" or "" (not assessed). */
export function EyesHandsFeet({ value, onValue }: { value: Record<string, string>; onValue: (name: string, v: string) => void }) {
	return (
		<div class="omp">
			{sites.flatMap((site) =>
				(['D', 'E'] as const).map((side) => {
					const name = site + side;
					const v = value[name] ?? '';
					return (
						<div key={name} class={`omp-site grade-${v || 'none'}`}>
							<Drawing site={site} side={side} />
							<Radios
								name={name}
								label={t(`hansen.site.${site}${side}`)}
								value={v}
								onValue={(x) => onValue(name, x)}
								choices={[
									{ value: '0', label: '0' },
									{ value: '1', label: '1' },
									{ value: '2', label: '2' },
									{ value: '', label: t('hansen.notAssessed') },
								]}
							/>
						</div>
					);
				}),
			)}
		</div>
	);
}
