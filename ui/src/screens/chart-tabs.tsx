/* chart-tabs.tsx - further tabs of a chart, one row each: what they are called, who sees them. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Patient } from '../components/lines';
import { t } from '../i18n';
import { can, me } from '../session';
import { Skeleton } from '../components/state';
import { ConsentsTab } from './consents';

export interface ChartTab {
	tab: string;
	label: () => string;
	screen: ComponentType<{ patient: Patient }>;
	shown: () => boolean;
}
/* a file of its own; only who opens it waits for it */
function tabOf(load: () => Promise<ComponentType<{ patient: Patient }>>): ComponentType<{ patient: Patient }> {
	return function Later(props) {
		const [screen, set] = useState<{ of: ComponentType<{ patient: Patient }> }>();
		useEffect(() => {
			void load().then((of) => set({ of }));
		}, []);
		return screen ? <screen.of {...props} /> : <Skeleton lines={5} />;
	};
}
const CasesTab = tabOf(() => import('./hansen/chart-cases').then((m) => m.ChartCases));
const TrendsTab = tabOf(() => import('./trends').then((m) => m.Trends));

const rows: ChartTab[] = [
	{ tab: 'hanseniase', label: () => t('chart.case'), screen: CasesTab, shown: () => can('hansen') },
	{ tab: 'curvas', label: () => t('trends.tab'), screen: TrendsTab, shown: () => can('records') && me.value?.role !== 'ADMIN' },
	{ tab: 'consentimentos', label: () => t('consent.tab'), screen: ConsentsTab, shown: () => can('consents') },
];
export const chartTabs = (): ChartTab[] => rows.filter((r) => r.shown());
