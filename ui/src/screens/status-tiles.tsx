/* status-tiles.tsx - the service at a glance, for the home of those who run it. */
import { useQuery } from '../api/query';
import { Card } from '../components/parts';
import { Loaded } from '../components/state';
import { t, tcode } from '../i18n';
import { health } from '../lib/health';

export function ServiceTiles() {
	const q = useQuery('health', health);
	return (
		<Card title={t('status.title')} action={<a href="/situacao">{t('status.more')}</a>}>
			<Loaded query={q}>
				{(h) => (
					<ul class="stack tight">
						{h.checks.map((c) => (
							<li key={c.name} class="row between">
								<span>{tcode('check', c.name)}</span>
								<span class={`badge ${c.ok ? 'good' : c.warns ? 'high' : 'critical'}`}>{t(c.ok ? 'status.ok' : c.warns ? 'status.warn' : 'status.bad')}</span>
							</li>
						))}
					</ul>
				)}
			</Loaded>
		</Card>
	);
}
