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
/* a file of its own, with the plots; only who opens it waits for it */
function TrendsTab(props: { patient: Patient }) {
	const [screen, set] = useState<{ of: ComponentType<{ patient: Patient }> }>();
	useEffect(() => {
		void import('./trends').then((m) => set({ of: m.Trends }));
	}, []);
	return screen ? <screen.of {...props} /> : <Skeleton lines={5} />;
}

const rows: ChartTab[] = [
	{ tab: 'curvas', label: () => t('trends.tab'), screen: TrendsTab, shown: () => can('records') && me.value?.role !== 'ADMIN' },
	{ tab: 'consentimentos', label: () => t('consent.tab'), screen: ConsentsTab, shown: () => can('consents') },
];
export const chartTabs = (): ChartTab[] => rows.filter((r) => r.shown());
