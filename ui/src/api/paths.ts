/* paths.ts - every door the client may call. */
import type { coming } from './coming';
import type { paths as made } from './gen/types';

export interface paths extends made, coming {}
