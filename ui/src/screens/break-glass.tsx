/* break-glass.tsx - a chart that is not in one's care answers "not found". Whoever must see it all
 * the same says why; the data-protection officer reads every such reason. */
import { Empty } from '../components/state';
import { t } from '../i18n';

export function BreakGlass(_: { patientId: string; onOpen: () => void }) {
	return (
		<Empty icon="search" title={t('problem.404')}>
			<p>{t('glass.none')}</p>
			<a class="btn" href="/pacientes">
				{t('nav.patients')}
			</a>
		</Empty>
	);
}
