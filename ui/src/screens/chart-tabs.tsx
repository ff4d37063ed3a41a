/* chart-tabs.tsx - further tabs of a chart, one row each: what they are called, who sees them. */
import type { ComponentType } from 'preact';
import type { Patient } from '../components/lines';

export interface ChartTab {
	tab: string;
	label: () => string;
	screen: ComponentType<{ patient: Patient }>;
	shown: () => boolean;
}
const rows: ChartTab[] = [];
export const chartTabs = (): ChartTab[] => rows.filter((r) => r.shown());
