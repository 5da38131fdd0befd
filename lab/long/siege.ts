import { besiege } from '../siege/long-siege.ts';
import type { Part } from './part.ts';

/** Long enough that each attack comes twice and two workers are killed. */
const MINUTES = 10;
const SCANS_AN_HOUR = 400;

export const siege: Part = {
  name: 'siege',
  summary: `${SCANS_AN_HOUR} scans an hour, all attacks in turn and kills of the worker for ${MINUTES} minutes`,
  unit: 'scans',
  async slice({ progress }) {
    const { acknowledged, faults } = await besiege({ minutes: MINUTES, rate: SCANS_AN_HOUR, tell: progress });
    return { count: acknowledged, faults };
  },
};
