/* chart-tabs.tsx - further tabs of a chart, one row each: what they are called, who sees them. */
import type { ComponentType } from 'preact';
import type { Patient } from '../components/lines';
import { t } from '../i18n';
import { can } from '../session';
import { ConsentsTab } from './consents';

export interface ChartTab {
	tab: string;
	label: () => string;
	screen: ComponentType<{ patient: Patient }>;
	shown: () => boolean;
}
const rows: ChartTab[] = [{ tab: 'consentimentos', label: () => t('consent.tab'), screen: ConsentsTab, shown: () => can('consents') }];
export const chartTabs = (): ChartTab[] => rows.filter((r) => r.shown());
